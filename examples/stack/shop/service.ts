import http, { type ServerResponse } from 'node:http';
import { socketFailureOf } from 'opentelemetry-instrumentation-socket';
import { call, type Peer } from './client';
import { fail, host } from './settings';
import { endTelemetry } from './telemetry';
import { type Truth, truth } from './truth';

/** Gets the path after its first segment; the result is sent as JSON, unless the handler sends a response itself. */
export type Handler = (id: string, response: ServerResponse) => unknown;
/** By method and first segment: `POST /orders`. */
export type Routes = Readonly<Record<string, Handler>>;

/**
 * An HTTP server with `GET /healthz` and `GET /truth` (its own counts and those of `peers`). On SIGTERM it drains: it
 * answers the requests that it has accepted, closes idle connections, sends its last telemetry and exits.
 */
export function serve(name: string, port: number, routes: Routes, peers: readonly Peer[] = []): http.Server {
  const all: Routes = {
    ...routes,
    'GET /healthz': () => ({ ok: true }),
    'GET /truth': async () => Object.assign({ [name]: truth() }, ...(await Promise.all(peers.map(truthOf)))),
  };
  const server = http.createServer(async (request, response) => {
    const [, first = '', ...rest] = (request.url ?? '').split('/');
    request.resume();
    try {
      const handler = all[`${request.method} /${first}`];
      if (handler === undefined) return send(response, 404, { error: 'not found' });
      const answer = await handler(rest.join('/'), response);
      if (answer !== undefined) send(response, 200, answer);
    } catch (error) {
      // The explanation helps the reader of the response too.
      send(response, 502, { error: (error as Error).message, because: socketFailureOf(error)?.explanation });
    }
  });
  server.on('error', (error) => fail(`${name} cannot listen on ${host}:${port}: ${error.message}`));
  server.listen(port, host, () => console.log(`${name} listens on http://${host}:${port}`));
  process.once('SIGTERM', () => {
    server.close(() => endTelemetry().then(() => process.exit()));
    setInterval(() => server.closeIdleConnections(), 100);
  });
  return server;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** Uses a connection of its own, outside any pool. */
async function truthOf(peer: Peer): Promise<Record<string, Truth>> {
  const { body } = await call({ ...peer, agent: false }, 'GET', '/truth');
  return JSON.parse(body);
}
