import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { Agent } from 'node:http';
import { test } from 'node:test';
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { SocketInstrumentation } from '../../src/index';
import { ask } from '../support/facts/facts-server';
import { ended, startSdk } from '../support/sdk';
import { dial, GET, listen } from './setup';

startSdk();
new SocketInstrumentation({ detail: 'full' });

test('without instrumentation-http nothing breaks, and nothing is put on spans of others', async () => {
  const at = await listen((request, response) => {
    if (request.url !== '/hang') response.end(JSON.stringify({ port: request.socket.remotePort, number: 0 }));
  });
  const server = { at: { host: '127.0.0.1', port: at.port }, secure: false, stop: at.stop };
  const agent = new Agent({ keepAlive: true });
  for (const kind of [SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.SERVER]) {
    const span = trace.getTracer('program').startSpan('own', { kind });
    await context.with(trace.setSpan(ROOT_CONTEXT, span), async () => {
      await ask(server, '/', { agent });
      const cut = http.get({ ...server.at, path: '/hang', agent });
      cut.on('error', () => undefined);
      cut.once('finish', () => cut.destroy());
      await new Promise((resolve) => cut.on('close', resolve));
      const socket = await dial(at);
      socket.write(GET.replace('/', '/hang'));
      await once(at.server, 'request');
      socket.resetAndDestroy();
      await new Promise(setImmediate);
    });
    span.end();
  }
  assert.equal(ended.length, 3);
  for (const span of ended) assert.deepEqual(span.attributes, {});
  agent.destroy();
  await at.stop();
});
