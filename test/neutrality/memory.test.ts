import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { SocketInstrumentation } from '../../src/index';
import { HttpExchange } from '../../src/observe/http/client-exchange';
import { ServerExchange } from '../../src/observe/http/server-exchange';
import { UndiciExchange } from '../../src/observe/undici/exchange';
import { keptSpans, serverSpanOf } from '../../src/report/span';
import { exchange } from '../support/peer';
import { startSdk } from '../support/sdk';

setFlagsFromString('--expose-gc');
const collect: NonNullable<typeof gc> = runInNewContext('gc');
const REQUESTS = 400;

/** Heap bytes a request that young collections, the cheap and frequent ones, do not free. */
async function leftByYoungCollections(agent: http.Agent, port: number): Promise<number> {
  const send = async () => {
    for (let i = 0; i < REQUESTS; i += 1) await exchange({ port, secure: false }, '/', { agent });
  };
  await send();
  collect();
  const before = process.memoryUsage().heapUsed;
  await send();
  for (let i = 0; i < 3; i += 1) collect({ type: 'minor' } as unknown as boolean);
  return (process.memoryUsage().heapUsed - before) / REQUESTS;
}

test('a finished request is freed by young collections: a WeakMap would keep it until a full one', async () => {
  const server = http.createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pooling = new http.Agent({ keepAlive: true });
  const single = new http.Agent();
  const bare = [await leftByYoungCollections(pooling, port), await leftByYoungCollections(single, port)];
  const instrumentation = new SocketInstrumentation();
  const observed = [await leftByYoungCollections(pooling, port), await leftByYoungCollections(single, port)];
  instrumentation.disable();
  pooling.destroy();
  server.close();
  for (const [i, bytes] of observed.entries()) {
    const added = bytes - (bare[i] ?? 0);
    assert.ok(added < 2_000, `${Math.round(added)} bytes a request stay (${observed} against ${bare})`);
  }
});

test('of an ended exchange nothing of the program is kept, and after disable() not even its shape', async () => {
  const server = http.createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true });
  const instrumentation = new SocketInstrumentation();
  await exchange({ port, secure: false }, '/', { agent });
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  await new Promise(setImmediate);
  for (const { ended } of [HttpExchange, UndiciExchange, ServerExchange]) {
    assert.ok(ended !== undefined);
    const objects = Object.entries(ended).filter(([, value]) => typeof value === 'object' && value !== null);
    assert.deepEqual(
      objects.map(([name]) => name).filter((name) => name !== 'attempt'),
      [],
    );
  }
  instrumentation.disable();
  assert.equal(HttpExchange.ended, undefined);
  assert.equal(UndiciExchange.ended, undefined);
  assert.equal(ServerExchange.ended, undefined);
  agent.destroy();
  server.close();
  server.closeAllConnections();
});

test('after disable() no span is kept either', () => {
  startSdk();
  const instrumentation = new SocketInstrumentation();
  const span = trace.getTracer('test').startSpan('server', { kind: SpanKind.SERVER });
  context.with(trace.setSpan(context.active(), span), () => assert.equal(serverSpanOf(), span));
  span.end();
  assert.equal(keptSpans.found, span);
  instrumentation.disable();
  assert.deepEqual(keptSpans, { found: undefined, unsampled: undefined });
});
