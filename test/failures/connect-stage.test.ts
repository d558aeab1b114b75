import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo, type LookupFunction, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { clientSpan, type EndedSpan, spansOf, startSdk } from '../support/sdk';

startSdk();
new HttpInstrumentation();
new UndiciInstrumentation();
new SocketInstrumentation({ detail: 'full' });
const client: typeof http = require('node:http');

interface Pool {
  close(): Promise<void>;
}
const { Agent, request } = require('undici7') as {
  Agent: new (options: object) => Pool;
  request: (url: string, options: object) => Promise<{ body: { text(): Promise<string> } }>;
};

/** A request by one of both clients, with a pool of its own; `connect`: options of the connection. Throws as the client does. */
interface Way {
  readonly name: string;
  pool(connect: object): { get(url: string): Promise<void>; close(): void };
}

const WAYS: readonly Way[] = [
  {
    name: 'http',
    pool: (connect) => {
      const agent = new http.Agent({ keepAlive: true });
      const get = (url: string) =>
        new Promise<void>((resolve, reject) => {
          const sent = client.get(url, { agent, ...connect }, (response) => {
            response.on('end', resolve).resume();
          });
          sent.on('error', reject);
        });
      return { get, close: () => agent.destroy() };
    },
  },
  {
    name: 'undici',
    pool: (connect) => {
      // Right after a response undici would rather open another connection.
      const dispatcher = new Agent({ connect, connections: 1 });
      const get = async (url: string) => {
        await (await request(url, { dispatcher })).body.text();
      };
      return { get, close: () => void dispatcher.close() };
    },
  },
];

async function listen(...where: [port: number, host: string] | [path: string]): Promise<Server> {
  const server = http.createServer((_, response) => response.end('ok'));
  after(() => server.close());
  await once(server.listen(...(where as [number, string])), 'listening');
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** Resolves every name to these addresses. */
function resolvingTo(...addresses: readonly string[]): { lookup: LookupFunction; autoSelectFamily: boolean } {
  const all = addresses.map((address) => ({ address, family: net.isIP(address) }));
  const lookup: LookupFunction = (_, options, callback) => {
    setImmediate(() => {
      if (options.all === true) callback(null, all);
      else callback(null, all[0]?.address ?? '', all[0]?.family);
    });
  };
  return { lookup, autoSelectFamily: true };
}

const network = ({ attributes }: EndedSpan) =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => /^network\.(local|peer)/.test(key)));

for (const { name, pool } of WAYS) {
  test(`${name}: the set-up is timed on the first request of a connection, and absent on the next`, async () => {
    const port = portOf(await listen(0, '127.0.0.1'));
    const { get, close } = pool(resolvingTo('127.0.0.1'));
    const [first, second] = await spansOf(SpanKind.CLIENT, 2, async () => {
      await get(`http://peer.test:${port}/`);
      await get(`http://peer.test:${port}/`);
    });
    for (const key of ['socket.dns_ms', 'socket.connect_ms']) {
      assert.ok(Number(first?.attributes[key]) >= 0, `${key} of the first`);
      assert.equal(second?.attributes[key], undefined, `${key} of the second`);
    }
    assert.equal(first?.attributes['socket.reuse_count'], 0);
    assert.equal(second?.attributes['socket.reuse_count'], 1);
    assert.equal(first?.attributes['server.address'], 'peer.test');
    close();
  });

  test(`${name}: of two addresses the first refuses: the span names the one that answered`, async () => {
    const port = portOf(await listen(0, '127.0.0.1'));
    const { get, close } = pool(resolvingTo('127.0.0.2', '127.0.0.1'));
    const { attributes } = await clientSpan(() => get(`http://peer.test:${port}/`));
    assert.equal(attributes['network.peer.address'], '127.0.0.1');
    assert.equal(attributes['network.peer.port'], port);
    assert.equal(attributes['socket.failure.kind'], undefined);
    close();
  });

  test(`${name}: all addresses refuse: one failure, which says how many were tried`, async () => {
    const server = await listen(0, '127.0.0.1');
    const port = portOf(server);
    await new Promise((resolve) => server.close(resolve));
    const { get, close } = pool(resolvingTo('127.0.0.2', '127.0.0.3', '127.0.0.1'));
    let caught: unknown;
    const { attributes } = await clientSpan(() =>
      get(`http://peer.test:${port}/`).catch((error: unknown) => {
        caught = error;
      }),
    );
    assert.equal(attributes['socket.failure.kind'], 'refused');
    assert.equal(attributes['socket.failure.phase'], 'connect');
    assert.equal(attributes['socket.failure.sent'], 'none');
    assert.match(String(attributes['socket.failure.explanation']), /3 addresses tried/);
    assert.equal(attributes['socket.id'], undefined);
    assert.equal(socketFailureOf(caught)?.kind, 'refused');
    close();
  });

  test(`${name}: a name that does not resolve`, async () => {
    const { get, close } = pool({});
    let caught: unknown;
    const { attributes } = await clientSpan(() =>
      get('http://peer.invalid/').catch((error: unknown) => {
        caught = error;
      }),
    );
    assert.equal(attributes['socket.failure.cause'], 'name_not_resolved');
    assert.equal(attributes['socket.failure.phase'], 'dns');
    assert.equal(attributes['socket.connect_ms'], undefined);
    assert.equal(socketFailureOf(caught)?.retrySafe, true);
    close();
  });

  test(`${name}: a Unix socket has neither addresses nor ports`, async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'socket-'));
    after(() => rmSync(folder, { recursive: true }));
    const socketPath = path.join(folder, 'peer');
    await listen(socketPath);
    const { get, close } = pool({ socketPath });
    const [first, second] = await spansOf(SpanKind.CLIENT, 2, async () => {
      await get('http://localhost/');
      await get('http://localhost/');
    });
    assert.equal(second?.attributes['socket.reuse_count'], 1);
    assert.equal(second?.attributes['socket.id'], first?.attributes['socket.id']);
    assert.equal(first?.attributes['socket.dns_ms'], undefined);
    assert.deepEqual(network(first as EndedSpan), {});
    close();
  });

  test(`${name}: IPv6`, { skip: hasIPv6() ? false : 'this machine has no ::1' }, async () => {
    const port = portOf(await listen(0, '::1'));
    const { get, close } = pool({});
    const span = await clientSpan(() => get(`http://[::1]:${port}/`));
    assert.equal(span.attributes['network.peer.address'], '::1');
    assert.equal(span.attributes['network.local.address'], '::1');
    assert.equal(span.attributes['network.peer.port'], port);
    assert.equal(span.attributes['socket.dns_ms'], undefined);
    close();
  });
}

function hasIPv6(): boolean {
  return Object.values(os.networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
}
