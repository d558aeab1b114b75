import type { Client } from './client';

/** Each is loaded only where it is used: these are large libraries. */
export const clients: Readonly<Record<string, () => Promise<{ client: Client }>>> = {
  'http.Agent': () => import('./http-agent.js'),
  agentkeepalive: () => import('./agentkeepalive.js'),
  'fetch (undici)': () => import('./undici.js'),
  axios: () => import('./axios.js'),
  got: () => import('./got.js'),
  'AWS SDK (S3)': () => import('./aws.js'),
};
