import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traced } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import { across, dial, GET, heard, listen, serverSpans } from './setup';

const { mine } = instrument({ first: true });

test('registered before instrumentation-http, spans of both sides are found', async () => {
  const at = await listen((_, response) => response.end('{}'));
  const socket = await dial(at);
  const spans = await serverSpans(2, async () => {
    for (let i = 0; i < 2; i++) {
      socket.write(GET);
      await heard(socket, '{}');
    }
  });
  assert.deepEqual(across(spans, 'socket.reuse_count'), [0, 1]);
  socket.destroy();
  const facts = { at: { host: '127.0.0.1', port: at.port }, secure: false, stop: at.stop };
  const { span } = await traced(facts, '/', { agent: false });
  assert.equal(span.attributes['socket.reuse_count'], 0);
  await at.stop();
});

test("the listeners that a program sees on its server, and on its responses, are the program's", async () => {
  const seen: unknown[] = [];
  const listener = (_: unknown, response: import('node:http').ServerResponse) => {
    seen.push(response.eventNames().filter((name) => typeof name === 'symbol' && /socket/.test(name.toString())));
    response.end('ok');
  };
  const at = await listen(listener);
  assert.deepEqual(at.server.listeners('request'), [listener]);
  const socket = await dial(at);
  await serverSpans(1, async () => {
    socket.write(GET);
    await heard(socket, 'ok');
  });
  assert.deepEqual(at.server.listeners('request'), [listener]);
  assert.deepEqual(seen, [[]]);
  socket.destroy();
  await at.stop();
});

test('a server connection that is older than the instrumentation is not counted from zero', async () => {
  mine.disable();
  const at = await listen((_, response) => response.end('ok'));
  const socket = await dial(at);
  socket.write(GET);
  await heard(socket, 'ok');
  mine.enable();
  const spans = await serverSpans(1, async () => {
    socket.write(GET);
    await heard(socket, 'ok');
  });
  assert.deepEqual(across(spans, 'socket.reuse_count'), [undefined]);
  // It may have carried none.
  assert.deepEqual(across(spans, 'socket.reused'), [undefined]);
  socket.destroy();
  await at.stop();
});
