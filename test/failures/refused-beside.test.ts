import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { tlsFixture } from '../support/root';
import { spansOf } from '../support/sdk';
import { COPIES } from '../support/undici-copies';
import { send } from '../support/verdict';

process.removeAllListeners('warning');
new UndiciInstrumentation();

type Send = (port: number, path: string) => Promise<unknown>;

/** A request is at work at a server that stops listening; a second one is refused meanwhile, a third afterwards. */
async function refusedBeside(make: Send, secure: boolean) {
  const pem = { key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') };
  const server = secure ? https.createServer(pem) : http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const spans = await spansOf(SpanKind.CLIENT, 3, async () => {
    const atWork = make(port, '/hang').catch(() => undefined);
    await once(server, 'request');
    server.close();
    await make(port, '/ok').catch(() => undefined);
    server.closeAllConnections();
    await atWork;
    await make(port, '/ok').catch(() => undefined);
  });
  return spans.filter(({ attributes }) => attributes['socket.failure.kind'] === 'refused');
}

const CLIENTS: readonly (readonly [name: string, secure: boolean, make: Send])[] = [
  ['http', false, (port, path) => send({ port, secure: false }, path)],
  ['https', true, (port, path) => send({ port, secure: true }, path)],
  ...COPIES.map(({ name, copy: { Agent, request } }) => {
    const dispatcher = new Agent();
    return [
      name,
      false,
      (port: number, path: string) => request(`http://127.0.0.1:${port}${path}`, { dispatcher }),
    ] as const;
  }),
];

for (const [name, secure, make] of CLIENTS) {
  test(`${name}: who refuses while another connection is open has perhaps a limit on them`, async () => {
    const refused = await refusedBeside(make, secure);
    const told = refused.map(({ attributes }) => attributes['socket.failure.confidence']);
    assert.deepEqual(told, ['possible', 'likely']);
    const explanation = String(refused[0]?.attributes['socket.failure.explanation']);
    assert.match(
      explanation,
      /may have stopped listening, or a limit on connections refuses this one\..* a deployment/,
    );
  });
}
