import http, { type Agent } from 'node:http';
import type { Call } from './client';

/** One request of `node:http`, and its whole answer. */
export function request(agent: Agent, origin: string, call: Call, signal?: AbortSignal): Promise<string> {
  const { method, name, body = '' } = call;
  const headers = { 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = http.request(`${origin}/${name}`, { method, agent, headers, ...(signal && { signal }) });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
