import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http, { type IncomingMessage, type ClientRequest as Request, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { type TestMeter, total } from './metric-reader';
import { exchange } from './peer';

const STEPS = ['ok', 'ok', 'ok', 'burst', 'burst', 'drop-fin', 'drop-rst', 'cut', 'hang', 'abort', 'stale', 'refused'];
const fixture = (name: string) => fs.readFileSync(path.join(__dirname, '../../test/fixtures', name));

/** Numbers that are the same in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What a server saw: its connections, and of each request its path and whether it was the first on its connection. */
async function startWitness(secure: boolean) {
  const requestsOn = new Map<Socket, number>();
  const seen: { readonly step: string; readonly reused: boolean }[] = [];
  let accepted = 0;
  const identity = { key: fixture('key.pem'), cert: fixture('cert.pem') };
  const server = secure ? https.createServer(identity) : http.createServer();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const step = String(request.url).slice(1);
    const before = requestsOn.get(socket) ?? 0;
    requestsOn.set(socket, before + 1);
    seen.push({ step, reused: before > 0 });
    if (step === 'drop-fin') socket.end();
    else if (step === 'drop-rst') secure ? socket.destroy() : socket.resetAndDestroy();
    else if (step === 'cut') response.writeHead(200, { 'content-length': 100 }).write('half', () => socket.end());
    else if (step === 'hang' || step === 'abort') server.emit(step);
    else response.end('ok');
  });
  server.keepAliveTimeout = 0;
  server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => {
    accepted += 1;
    requestsOn.set(socket, 0);
    socket.on('close', () => requestsOn.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const count = (reused: boolean, ...steps: string[]) =>
    seen.filter((one) => one.reused === reused && steps.includes(one.step)).length;
  /** Ends all connections between requests; whoever sends in the same tick cannot know. */
  const endAll = () => {
    for (const socket of requestsOn.keys()) socket.destroy();
  };
  return { server, port, seen, count, endAll, accepted: () => accepted };
}

async function closedPort(): Promise<number> {
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Run {
  readonly seed: number;
  readonly requests: number;
  readonly secure: boolean;
}

/** A random run with faults; throws if one count does not agree with what the server saw. */
export async function reconcile(meter: TestMeter, { seed, requests, secure }: Run): Promise<void> {
  const witness = await startWitness(secure);
  const { port, server, count } = witness;
  const deadPort = await closedPort();
  const agent = new (secure ? https : http).Agent({ keepAlive: true });
  const sent = { all: 0, stale: 0, diedIdle: 0, refused: 0 };
  const send = (step: string, options = {}) => {
    sent.all += 1;
    return exchange({ port, secure }, `/${step}`, { agent, ...options });
  };
  const random = randomFrom(seed);

  const run: Record<string, () => Promise<unknown>> = {
    burst: () => Promise.all([send('ok'), send('ok'), send('ok')]),
    hang: () => send('hang', { tap: (r: Request) => server.once('hang', () => r.setTimeout(1, () => r.destroy())) }),
    abort: () => send('abort', { tap: (r: Request) => server.once('abort', () => r.destroy()) }),
    async stale() {
      const pooled = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []);
      const closed = pooled.map((socket) => once(socket, 'close'));
      witness.endAll();
      const { error } = await send('ok');
      await Promise.all(closed);
      assert.equal(error !== undefined, pooled.length > 0);
      if (error === undefined) return;
      sent.stale += 1;
      sent.diedIdle += pooled.length - 1;
    },
    async refused() {
      sent.all += 1;
      sent.refused += 1;
      await exchange({ port: deadPort, secure }, '/', { agent });
    },
  };
  while (sent.all < requests) {
    const step = STEPS[random(STEPS.length)] ?? 'ok';
    await (run[step]?.() ?? send(step));
  }

  const pooled = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []).length;
  const live = await meter.series(port);
  assert.equal(total(live, 'http.client.open_connections', { 'http.connection.state': 'idle' }), pooled);
  assert.equal(total(live, 'http.client.open_connections', { 'http.connection.state': 'active' }), 0);
  agent.destroy();
  server.close();
  const series = await meter.series(port);
  const failures = (attributes = {}) => total(series, 'socket.failures', attributes);
  const closes = (state: string, initiator: string) =>
    total(series, 'socket.closes', { 'http.connection.state': state, 'socket.close.initiator': initiator });
  const found = {
    open: total(series, 'http.client.open_connections'),
    durations: total(series, 'http.client.connection.duration'),
    connections: total(series, 'socket.connection.requests'),
    requests: series.find(({ name }) => name === 'socket.connection.requests')?.sum,
    closes: ['active', 'idle'].map((state) => ['remote', 'local', 'unknown'].map((who) => closes(state, who))),
    idleOk: total(series, 'socket.idle', { 'socket.outcome': 'ok' }),
    idleFailed: total(series, 'socket.idle', { 'socket.outcome': 'failed' }),
    failed: failures(),
    truncated: failures({ 'socket.failure.kind': 'truncated' }),
    timeouts: failures({ 'socket.failure.cause': 'client_timeout' }),
    refused: total(await meter.series(deadPort), 'socket.failures', { 'socket.failure.kind': 'refused' }),
    refusedCloses: total(await meter.series(deadPort), 'socket.closes'),
  };
  const both = (...steps: string[]) => count(true, ...steps) + count(false, ...steps);
  const failing = ['drop-fin', 'drop-rst', 'cut', 'hang'];
  const expected = {
    open: 0,
    durations: witness.accepted(),
    connections: witness.accepted(),
    requests: witness.seen.length + sent.stale,
    closes: [
      [both('drop-fin', 'drop-rst', 'cut') + sent.stale, both('hang', 'abort'), 0],
      [sent.diedIdle, pooled, 0],
    ],
    idleOk: count(true, 'ok', 'cut'),
    idleFailed: count(true, 'drop-fin', 'drop-rst', 'hang') + sent.stale,
    failed: both(...failing) + sent.stale,
    truncated: both('cut'),
    timeouts: both('hang'),
    refused: sent.refused,
    refusedCloses: 0,
  };
  assert.deepEqual(found, expected);
  // Combinations that are too rare for a series of their own share one that does not tell fresh from reused.
  const [fresh, reused] = [failures({ 'socket.reused': false }), failures({ 'socket.reused': true })];
  const wrongBy = [count(false, ...failing) - fresh, count(true, ...failing) + sent.stale - reused];
  const rare = failures({ 'socket.failure.kind': 'other', 'socket.failure.cause': 'unknown' });
  assert.ok(wrongBy.every((count) => count >= 0) && rare * 100 <= expected.failed, `${wrongBy}, ${rare}`);
  assert.equal(fresh + reused + rare, expected.failed);
  assert.equal(witness.seen.length + sent.stale + sent.refused, sent.all);
  assert.ok(sent.stale > 5 && sent.diedIdle > 5 && count(false, 'cut') > 5 && count(true, 'cut') > 5, 'a run worth it');
  const combinations = series.filter(({ name }) => name === 'socket.failures').length;
  assert.ok(combinations >= 16 && combinations <= 19, String(combinations));
}
