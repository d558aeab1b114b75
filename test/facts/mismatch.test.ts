import assert from 'node:assert/strict';
import http from 'node:http';
import type net from 'node:net';
import { after, test } from 'node:test';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { exchange, type Peer, startPeer } from '../support/peer';
import { startSdk } from '../support/sdk';

startSdk();
new HttpInstrumentation();
new UndiciInstrumentation();
new SocketInstrumentation();
require('node:http');

const warned: string[] = [];
const ignore = () => undefined;
diag.setLogger(
  { error: ignore, info: ignore, debug: ignore, verbose: ignore, warn: (...args) => warned.push(args.join(' ')) },
  DiagLogLevel.WARN,
);

const peers: Peer[] = [];
const announcing = async () => {
  const peer = await startPeer({ hint: 'Keep-Alive: timeout=5\r\n' });
  peers.push(peer);
  warned.length = 0;
  return peer;
};
after(() => Promise.all(peers.map((peer) => peer.stop())));

async function twice(peer: Peer, agent: http.Agent): Promise<void> {
  for (let i = 0; i < 3; i += 1) await exchange(peer, '/ok', { agent });
  agent.destroy();
}

test('a client that keeps idle connections longer than the peer gets one warning per origin, with both timeouts and the setting', async () => {
  const peer = await announcing();
  await twice(peer, new http.Agent({ keepAlive: true }));
  await twice(peer, new http.Agent({ keepAlive: true }));
  assert.equal(warned.length, 1);
  assert.ok(warned[0]?.includes(`127.0.0.1:${peer.port} closes idle connections after 5 s (announced)`));
  assert.match(
    warned[0] ?? '',
    /keeps them without a timeout.*new http\.Agent\(\{ keepAlive: true, timeout: 4000 \}\)/,
  );
});

test("the mismatch warning names undici's own setting", async () => {
  const peer = await announcing();
  const { Agent, request } = require('undici7');
  const dispatcher = new Agent({ keepAliveTimeoutThreshold: 0 });
  for (let i = 0; i < 3; i += 1) await (await request(`http://127.0.0.1:${peer.port}/ok`, { dispatcher })).body.text();
  await dispatcher.destroy();
  assert.equal(warned.length, 1);
  assert.match(
    warned[0] ?? '',
    /import \{ Agent, setGlobalDispatcher \} from 'undici'.*keepAliveTimeout: 4000, keepAliveMaxTimeout: 4000/,
  );
});

test('there is no warning where the client closes idle connections first', async () => {
  const peer = await announcing();
  await twice(peer, new http.Agent({ keepAlive: true, timeout: 3_000 }));
  assert.deepEqual(warned, []);
});

test('of many origins a few are reported, each once, and then that no more will be', async () => {
  const peer = await announcing();
  const lookup = ((_: string, { all }: { all?: boolean }, done: (...args: unknown[]) => void) =>
    all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)) as net.LookupFunction;
  for (let round = 0; round < 2; round += 1) {
    for (let i = 0; i < 40; i += 1) {
      const agent = new http.Agent({ keepAlive: true });
      await exchange(peer, '/ok', { agent, host: `h${i}.example`, lookup });
      agent.destroy();
    }
  }
  const hosts = warned.map((line) => /h\d+\.example/.exec(line)?.[0]).filter(Boolean);
  assert.ok(hosts.length > 10 && hosts.length <= 20, String(hosts.length));
  assert.equal(new Set(hosts).size, hosts.length);
  assert.equal(warned.length, hosts.length + 1);
  assert.match(warned.at(-1) ?? '', /20 origins were reported/);
});
