import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { dial, GET, heard, listen, serverSpans } from '../server/setup';
import { instrument } from '../support/facts/facts-setup';

instrument({ socket: {} });

test('a response that is reset long after its request may have met a NAT that forgot the connection', async () => {
  const at = await listen((_, response) => response.writeHead(200, { 'content-length': 100 }).write('half'));
  const socket = await dial(at);
  const [span] = await serverSpans(1, async () => {
    socket.write(GET);
    await heard(socket, 'half');
    await wait(30_100);
    socket.resetAndDestroy();
  });
  const { attributes = {} } = span ?? {};
  assert.equal(attributes['socket.failure.cause'], 'client_gone');
  assert.equal(attributes['socket.failure.confidence'], 'possible');
  await at.stop();
});
