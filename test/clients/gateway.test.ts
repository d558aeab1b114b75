import assert from 'node:assert/strict';
import diagnosticsChannel from 'node:diagnostics_channel';
import { once } from 'node:events';
import http, { type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { closedPort } from '../support/fresh-port';
import type { Peer } from '../support/peer';
import { type EndedSpan, ended } from '../support/sdk';
import './undici-clients';
import { startPeer } from '../support/verdict';

/** What happens just before a pooled connection reaches a request. */
let onReuse: (() => void) | undefined;

class PoolAgent extends http.Agent {
  override reuseSocket(socket: Duplex, request: http.ClientRequest): void {
    onReuse?.();
    super.reuseSocket(socket as Socket, request);
  }
}

diagnosticsChannel.subscribe('undici:request:create', () => onReuse?.());

/** A gateway in this process, server and client at once, in front of one upstream. */
interface Gateway {
  readonly name: string;
  /** Where its client's timeout is told as one. */
  readonly timeout: 'client_timeout' | 'client_cancelled';
  start(upstream: string, timeoutMs: number): Promise<{ port: number; stop(): unknown }>;
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

const GATEWAYS: readonly Gateway[] = [
  {
    name: 'http-proxy',
    timeout: 'client_timeout',
    start: async (target, proxyTimeout) => {
      const { createProxyServer } = require('http-proxy');
      const agent = new PoolAgent({ keepAlive: true });
      const proxy = createProxyServer({ target, agent, proxyTimeout });
      proxy.on('error', (_: unknown, __: unknown, response: http.ServerResponse) => response.writeHead(502).end());
      const server = http.createServer((request, response) => proxy.web(request, response));
      const port = await listening(server);
      return {
        port,
        stop: () => {
          agent.destroy();
          server.close();
          server.closeAllConnections();
        },
      };
    },
  },
  {
    name: '@fastify/http-proxy',
    timeout: 'client_timeout',
    start: async (upstream, headersTimeout) => {
      const app = require('fastify')();
      app.register(require('@fastify/http-proxy'), { upstream, undici: { headersTimeout, connections: 1 } });
      await app.listen({ port: 0, host: '127.0.0.1' });
      return { port: (app.server.address() as AddressInfo).port, stop: () => app.close() };
    },
  },
];

/** One request to the gateway; the SERVER and the CLIENT span that it makes there. The one who asks has no span. */
async function through(
  port: number,
  target: string,
  agent: http.Agent,
): Promise<{ server: EndedSpan; client: EndedSpan }> {
  const from = ended.length;
  const spans = () => ended.slice(from);
  const own = (kind: SpanKind, at: number) =>
    spans().find((span) => span.kind === kind && Number(span.attributes['server.port']) !== at);
  const request = http.get({ host: '127.0.0.1', port, path: target, agent });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  await once(response.resume(), 'end');
  for (;;) {
    const server = spans().find((span) => span.kind === SpanKind.SERVER);
    const client = own(SpanKind.CLIENT, port);
    if (server !== undefined && client !== undefined) return { server, client };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const originOf = ({ port }: Pick<Peer, 'port'>) => `http://127.0.0.1:${port}`;

for (const { name, timeout, start } of GATEWAYS) {
  test(`${name}: each span has the facts of its own connection, never the other's`, async () => {
    const peer = await startPeer();
    const { port, stop } = await start(originOf(peer), 5_000);
    const agent = new http.Agent({ keepAlive: true });
    const first = await through(port, '/ok', agent);
    const second = await through(port, '/ok', new http.Agent());
    const third = await through(port, '/ok', agent);
    const counts = [first, second, third].map(({ server, client }) => [
      server.attributes['socket.reuse_count'],
      client.attributes['socket.reuse_count'],
    ]);
    assert.deepEqual(counts, [
      [0, 0],
      [0, 1],
      [1, 2],
    ]);
    assert.notEqual(first.server.attributes['socket.id'], first.client.attributes['socket.id']);
    assert.equal(third.client.attributes['socket.id'], first.client.attributes['socket.id']);
    assert.equal(third.server.attributes['socket.id'], first.server.attributes['socket.id']);
    agent.destroy();
    await stop();
  });

  test(`${name}: a failure upstream is the CLIENT span's alone`, async () => {
    const peer = await startPeer();
    const { port, stop } = await start(originOf(peer), 150);
    const agent = new http.Agent({ keepAlive: true });
    await through(port, '/ok', agent);
    for (const [target, cause] of [
      ['/drop-fin?100', 'peer_aborted'],
      ['/hang', timeout],
    ] as const) {
      const { server, client } = await through(port, target, agent);
      assert.equal(client.attributes['socket.failure.cause'], cause);
      assert.equal(server.attributes['socket.failure.kind'], undefined);
    }
    agent.destroy();
    await stop();
  });

  test(`${name}: a stale connection upstream`, async () => {
    const peer = await startPeer();
    const { port, stop } = await start(originOf(peer), 5_000);
    const agent = new http.Agent();
    await through(port, '/ok', agent);
    onReuse = () => {
      onReuse = undefined;
      peer.endUnnoticed('fin');
    };
    const { server, client } = await through(port, '/ok', agent);
    assert.equal(client.attributes['socket.failure.cause'], 'stale_keepalive');
    assert.equal(client.attributes['socket.reuse_count'], 1);
    assert.equal(server.attributes['socket.failure.kind'], undefined);
    await stop();
  });

  test(`${name}: a refused upstream is a failure of the client span, and not of the server span`, async () => {
    const { port, stop } = await start(originOf({ port: await closedPort() }), 150);
    const agent = new http.Agent({ keepAlive: true });
    const { server, client } = await through(port, '/ok', agent);
    assert.equal(client.attributes['socket.failure.kind'], 'refused');
    assert.equal(server.attributes['socket.failure.kind'], undefined);
    agent.destroy();
    await stop();
  });
}
