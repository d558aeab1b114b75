import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { SocketInstrumentation, type SocketInstrumentationConfig } from '../../src/index';
import { exchange, type Peer, startPeer } from '../support/peer';
import { listen, ours } from './diag-lines';

const config = { detail: 'loud', client: false } as unknown as SocketInstrumentationConfig;
const instrumentation = new SocketInstrumentation(config);
let peer: Peer;

before(async () => {
  peer = await startPeer();
});
after(async () => {
  instrumentation.disable();
  await peer.stop();
});

test('what was said before anybody set a logger is said with the first request that is observed, and only then', async () => {
  listen();
  assert.deepEqual(ours(), []);
  await exchange(peer, '/ok', { agent: new http.Agent() });
  const expected = [
    /^warn: .*option "detail" must be "essential" or "full"/,
    /^warn: .*unknown option "client" is ignored/,
    /^debug: .*observes httpClient, httpServer, undici, with metrics, detail essential/,
  ];
  assert.equal(ours().length, expected.length, ours().join('\n'));
  for (const [i, line] of expected.entries()) assert.match(ours()[i] ?? '', line);
  await exchange(peer, '/ok', { agent: new http.Agent() });
  assert.equal(ours().length, expected.length);
});

test('a second instance, made when there is a logger, says at once what it observes', () => {
  const from = ours().length;
  new SocketInstrumentation({ undici: false, metrics: false, detail: 'full' }).disable();
  assert.equal(ours().length, from + 1);
  assert.match(ours().at(-1) ?? '', /observes httpClient, httpServer, without metrics, detail full/);
});
