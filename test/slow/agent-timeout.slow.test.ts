import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { advisedTimeoutMs } from '../../src/peer/advised-timeout';
import { AGENT_TIMEOUT } from '../../src/verdict/advice/idle-timeout-settings';

/*
 * What the advice says of `http.Agent` and its `timeout`, held against this Node: how long an idle socket lives by the
 * agent's timeout and by what the peer announces, and what the timer does to a slower request.
 */

const server = http.createServer((request, response) => {
  const announced = Number(request.headers['x-announce']);
  if (announced > 0) response.setHeader('Keep-Alive', `timeout=${announced}`);
  setTimeout(() => response.end('ok'), Number(request.headers['x-delay'] ?? 0));
});
// Only the client closes here.
server.keepAliveTimeout = 0;
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => server.close());

interface Answer {
  readonly timeouts: number;
}

function get(agent: http.Agent, announced: number, delayMs = 0): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const headers = { 'x-announce': String(announced), 'x-delay': String(delayMs) };
  return new Promise((resolve, reject) => {
    let timeouts = 0;
    const request = http.get({ host: '127.0.0.1', port, agent, headers }, (response) => {
      response.resume().on('end', () => setImmediate(() => resolve({ timeouts })));
    });
    request.on('timeout', () => {
      timeouts += 1;
    });
    request.on('error', reject);
  });
}

/** For how long this agent keeps an idle socket, in ms; undefined if it did not pool it, infinite if it outlives `mostMs`. */
async function idleLife(agent: http.Agent, announced: number, mostMs: number): Promise<number | undefined> {
  let closed: Promise<number> | undefined;
  agent.on('free', (socket: Socket) => {
    const freeMs = performance.now();
    closed = new Promise((resolve) => socket.once('close', () => resolve(performance.now() - freeMs)));
  });
  await get(agent, announced);
  if (Object.keys(agent.freeSockets).length === 0) return undefined;
  const late = new Promise<number>((resolve) => setTimeout(resolve, mostMs, Number.POSITIVE_INFINITY));
  const life = await Promise.race([closed, late]);
  agent.destroy();
  return life;
}

function isAbout(ms: number | undefined, expectedMs: number): void {
  assert.ok(ms !== undefined && ms >= expectedMs - 20 && ms <= expectedMs + 400, `${ms} ms, not ${expectedMs}`);
}

const agentOf = (options: http.AgentOptions) => new http.Agent({ keepAlive: true, ...options });

test('any agent timeout above the announced one closes idle sockets 1 s before it', {
  concurrency: true,
}, async (t) => {
  await Promise.all(
    [3_001, 4_000, 60_000].map((timeout) =>
      t.test(`timeout ${timeout}, announced 3 s`, async () => {
        isAbout(await idleLife(agentOf({ timeout }), 3, 5_000), 2_000);
      }),
    ),
  );
});

test('a shorter agent timeout applies as it is', async () => {
  isAbout(await idleLife(agentOf({ timeout: 1_200 }), 3, 5_000), 1_200);
});

test('an agent without a timeout ignores what the peer announces', async () => {
  assert.equal(await idleLife(agentOf({}), 2, 3_500), Number.POSITIVE_INFINITY);
});

test('a peer that announces 1 s is not pooled by an agent with a timeout', async () => {
  assert.equal(await idleLife(agentOf({ timeout: 60_000 }), 1, 100), undefined);
});

test("the timer stays on a reused socket: a slower response emits 'timeout', and is answered all the same", async () => {
  const agent = agentOf({ timeout: 60_000 });
  await get(agent, 2);
  const { timeouts } = await get(agent, 2, 1_700);
  assert.equal(timeouts, 1);
  agent.destroy();
});

test('the code that the advice gives makes an agent that closes idle sockets first, announced or not', async () => {
  const { code } = AGENT_TIMEOUT.change(advisedTimeoutMs(2_000), 'http', 2_000);
  assert.equal(code, 'new http.Agent({ keepAlive: true, timeout: 1000 })');
  for (const announced of [2, 0]) {
    const agent: http.Agent = new Function('http', `return ${code}`)(http);
    isAbout(await idleLife(agent, announced, 5_000), 1_000);
  }
});
