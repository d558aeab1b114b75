import assert from 'node:assert/strict';
import http, { Agent } from 'node:http';
import { after, before, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import {
  ask,
  type FactsServer,
  number,
  type Seen,
  socketAttributes,
  startFactsServer,
  traced,
} from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import { type EndedSpan, spansOf } from '../support/sdk';

const { mine } = instrument();
mine.disable();

let server: FactsServer;
before(async () => {
  server = await startFactsServer();
});
after(() => server.stop());

test('a pooled connection that is older than the instrumentation is reused, how often is not known', async () => {
  const agent = new Agent({ keepAlive: true });
  await ask(server, '/', { agent });
  mine.enable();
  const first = await traced(server, '/', { agent });
  assert.equal(first.seen.number, 1);
  assert.equal(first.span.attributes['socket.reused'], true);
  for (const absent of ['reuse_count', 'idle_ms', 'idle_bucket', 'connect_ms', 'age_ms']) {
    assert.equal(first.span.attributes[`socket.${absent}`], undefined, absent);
  }
  const second = await traced(server, '/', { agent });
  assert.equal(second.span.attributes['socket.reuse_count'], undefined);
  assert.ok(number(second.span, 'socket.idle_ms') >= 0);
  mine.disable();
  agent.destroy();
});

test('a connection older than the instrumentation that goes straight to a queued request counts as reused', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let asked: Seen | undefined;
  const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
    const first = ask(server, '/?wait=30', { agent });
    await new Promise(setImmediate);
    mine.enable();
    await ask(server, '/', { agent });
    asked = await first;
  });
  assert.deepEqual(socketAttributes(spans[0] as EndedSpan), {});
  assert.equal(asked?.port, spans[1]?.attributes['network.local.port']);
  assert.equal(spans[1]?.attributes['socket.reused'], true);
  assert.equal(spans[1]?.attributes['socket.reuse_count'], undefined);
  assert.equal(spans[1]?.attributes['socket.idle_ms'], undefined);
  mine.disable();
  agent.destroy();
});

test('a request that was made before enabling, and gets its connection after, breaks nothing', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const asked = [ask(server, '/?wait=20', { agent }), ask(server, '/', { agent })];
  mine.enable();
  await Promise.all(asked);
  const { span } = await traced(server, '/', { agent });
  assert.equal(span.attributes['socket.reused'], true);
  mine.disable();
  agent.destroy();
});

test('counting ends with disable() and starts anew with enable()', async () => {
  const agent = new Agent({ keepAlive: true });
  mine.enable();
  const fresh = await traced(server, '/', { agent });
  assert.equal(fresh.span.attributes['socket.reuse_count'], 0);
  mine.disable();
  const unseen = await traced(server, '/', { agent });
  assert.equal(unseen.span.attributes['socket.id'], undefined);
  mine.enable();
  const again = await traced(server, '/', { agent });
  assert.equal(again.span.attributes['socket.reuse_count'], undefined);
  assert.equal(again.span.attributes['socket.reused'], true);
  mine.disable();
  agent.destroy();
  http.globalAgent.destroy();
});
