import type { Place } from './place';

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/**
 * Free nginx looks at no readiness: it learns from a failed connect, or from a 503, that an instance takes nothing more,
 * and leaves it alone for `fail_timeout`. A request that got a 503 was not executed, so that even a POST may go to the
 * other instance: `proxy_next_upstream` does that with a GET, `error_page` with a POST, which it would not repeat. One
 * that was cut is not repeated unless it is idempotent.
 */
export function nginxConfig({ folder, port, instances }: Place): string {
  const servers = instances.map((instance) => `server 127.0.0.1:${instance} max_fails=1 fail_timeout=1s;`);
  const [first, second] = instances;
  return `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log crit;
events {}
http {
  access_log off;
  ${TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  upstream service {
    ${servers.join('\n    ')}
    keepalive 16;
  }
  map $upstream_addr $other {
    127.0.0.1:${first} 127.0.0.1:${second};
    default 127.0.0.1:${first};
  }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_next_upstream error timeout http_503;
    location / {
      proxy_pass http://service;
      proxy_intercept_errors on;
      error_page 503 = @other;
    }
    location @other {
      proxy_pass http://$other;
    }
  }
}
`;
}
