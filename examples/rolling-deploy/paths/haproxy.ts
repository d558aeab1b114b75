import type { Place } from './place';

/** HAProxy asks each instance whether it is ready, ten times a second. */
export function haproxyConfig({ port, instances }: Place): string {
  const servers = instances.map(
    (instance, i) => `server instance${i} 127.0.0.1:${instance} check inter 100ms fall 1 rise 1`,
  );
  return `
global
  maxconn 1000
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout check 5s
  retries 3
  option redispatch 1
frontend clients
  bind 127.0.0.1:${port}
  default_backend service
backend service
  option httpchk GET /ready
  ${servers.join('\n  ')}
`;
}
