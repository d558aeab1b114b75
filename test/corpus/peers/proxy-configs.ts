import type { PeerOptions } from './peer';

/** Where a proxy runs. */
export interface Place {
  readonly folder: string;
  readonly port: number;
  /** Port of the application behind it. */
  readonly backend: number;
  readonly fixtures: string;
}

const NEVER_MS = 600_000;
export const ENVOY_DRAIN_MS = 100;
const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1_000));

export function nginxConfig({ folder, port, backend, fixtures }: Place, options: PeerOptions): string {
  const { idleMs = NEVER_MS, maxRequests = 1_000_000, maxAgeMs, announce, secure, readTimeoutMs = NEVER_MS } = options;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off; worker_processes 1; user root; pid ${folder}/pid; error_log ${folder}/error.log crit;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  keepalive_timeout ${idleMs}ms${announce ? ` ${Math.floor(idleMs / 1_000)}s` : ''};
  keepalive_requests ${maxRequests};
  ${maxAgeMs === undefined ? '' : `keepalive_time ${maxAgeMs}ms;`}
  server {
    listen 127.0.0.1:${port} ${secure ? 'ssl' : ''};
    ${secure ? `ssl_certificate ${fixtures}/cert.pem; ssl_certificate_key ${fixtures}/key.pem;` : ''}
    location = /limited { return 444; }
    location = /small { client_max_body_size 1k; proxy_pass http://127.0.0.1:${backend}; }
    location / {
      client_max_body_size 0;
      proxy_pass http://127.0.0.1:${backend};
      proxy_next_upstream off;
      proxy_read_timeout ${readTimeoutMs}ms;
    }
  }
}
`;
}

export function haproxyConfig({ port, backend, fixtures, folder }: Place, options: PeerOptions): string {
  const { idleMs = NEVER_MS, secure, readTimeoutMs = NEVER_MS } = options;
  return `
global
  maxconn 4096
  stats socket ${folder}/stats level admin expose-fd listeners
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 600s
  timeout server ${readTimeoutMs}ms
  timeout http-request 600s
  timeout http-keep-alive ${idleMs}ms
frontend in
  bind 127.0.0.1:${port} ${secure ? `ssl crt ${fixtures}/cert-and-key.pem` : ''}
  http-request reject if { path /limited }
  default_backend app
backend app
  http-reuse never
  option httpclose
  server app 127.0.0.1:${backend}
`;
}

export function apacheConfig({ folder, port, backend }: Place, options: PeerOptions): string {
  const { idleMs = NEVER_MS, maxRequests = 0, readTimeoutMs = NEVER_MS } = options;
  const modules = ['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'reqtimeout'];
  return `
ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
Mutex file:${folder} default
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ErrorLog ${folder}/error.log
LogLevel crit
User www-data
Group www-data
StartServers 1
ServerLimit 2
ThreadsPerChild 64
ThreadLimit 64
MaxRequestWorkers 128
RequestReadTimeout header=0 body=0
KeepAlive On
KeepAliveTimeout ${idleMs % 1_000 === 0 ? idleMs / 1_000 : `${idleMs}ms`}
MaxKeepAliveRequests ${maxRequests}
Timeout 600
ProxyTimeout ${seconds(readTimeoutMs)}
ProxyPass / http://127.0.0.1:${backend}/ disablereuse=On retry=0
`;
}

export function envoyConfig({ port, backend }: Place, options: PeerOptions): string {
  const { idleMs = NEVER_MS, maxRequests = 0, maxAgeMs, readTimeoutMs = 0 } = options;
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'in',
    // An idle connection is drained before it is closed, for 5 s and another if nobody says otherwise.
    drain_timeout: `${ENVOY_DRAIN_MS / 1_000}s`,
    delayed_close_timeout: '0s',
    common_http_protocol_options: {
      idle_timeout: `${idleMs / 1_000}s`,
      ...(maxRequests === 0 ? {} : { max_requests_per_connection: maxRequests }),
      ...(maxAgeMs === undefined ? {} : { max_connection_duration: `${maxAgeMs / 1_000}s` }),
    },
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [{ match: { prefix: '/' }, route: { cluster: 'app', timeout: `${readTimeoutMs / 1_000}s` } }],
        },
      ],
    },
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  };
  const address = (number: number) => ({ socket_address: { address: '127.0.0.1', port_value: number } });
  const listener = {
    name: 'in',
    address: address(port),
    filter_chains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] }],
  };
  const cluster = {
    name: 'app',
    type: 'STATIC',
    max_requests_per_connection: 1,
    load_assignment: {
      cluster_name: 'app',
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(backend) } }] }],
    },
  };
  // JSON is YAML.
  return JSON.stringify({ static_resources: { listeners: [listener], clusters: [cluster] } }, null, 2);
}
