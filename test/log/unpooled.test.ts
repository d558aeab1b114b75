import assert from 'node:assert/strict';
import http from 'node:http';
import { after, test } from 'node:test';
import { DiagLogLevel } from '@opentelemetry/api';
import { SocketInstrumentation } from '../../src/index';
import { exchange, type Peer, startPeer } from '../support/peer';
import { lines, listen } from './diag-lines';

listen(DiagLogLevel.WARN);
const instrumentation = new SocketInstrumentation();
const peers: Peer[] = [];

async function announcing(seconds: number): Promise<Peer> {
  const peer = await startPeer({ hint: `Keep-Alive: timeout=${seconds}\r\n` });
  peers.push(peer);
  lines.length = 0;
  return peer;
}

after(async () => {
  instrumentation.disable();
  await Promise.all(peers.map((peer) => peer.stop()));
});

async function thrice(peer: Peer, agent: http.Agent): Promise<void> {
  for (let i = 0; i < 3; i += 1) await exchange(peer, '/ok', { agent });
  agent.destroy();
}

async function thriceByUndici(peer: Peer, dispatcher: { destroy(): Promise<void> }): Promise<void> {
  const { request } = require('undici7');
  for (let i = 0; i < 3; i += 1) await (await request(`http://127.0.0.1:${peer.port}/ok`, { dispatcher })).body.text();
  await dispatcher.destroy();
}

test('a peer that announces 1 s is reported once, since http.Agent pools nothing then', async () => {
  const peer = await announcing(1);
  await thrice(peer, new http.Agent({ keepAlive: true }));
  await thrice(peer, new http.Agent({ keepAlive: true, timeout: 3_000 }));
  assert.equal(lines.length, 1, lines.join('\n'));
  const expected = `127.0.0.1:${peer.port} announces an idle timeout of 1 s: this client does not pool such a connection`;
  assert.ok(lines[0]?.includes(expected), lines[0]);
});

test('agentkeepalive follows the same rule whatever its own timeout, and gets no mismatch warning', async () => {
  const peer = await announcing(1);
  const KeepAliveAgent = require('agentkeepalive');
  await thrice(peer, new KeepAliveAgent());
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.match(lines[0] ?? '', /does not pool such a connection/);
});

test('undici takes 2 s off: a peer that announces 2 s is reported, one that announces 3 s is not', async () => {
  const { Agent } = require('undici7');
  const short = await announcing(2);
  await thriceByUndici(short, new Agent());
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.match(lines[0] ?? '', /announces an idle timeout of 2 s: this client does not pool such a connection/);
  await thriceByUndici(await announcing(3), new Agent());
  assert.deepEqual(lines, []);
});

test('a client that chooses not to pool gets no warning', async () => {
  const peer = await announcing(1);
  await thrice(peer, new http.Agent());
  assert.deepEqual(lines, []);
});
