import assert from 'node:assert/strict';
import { Agent, type AgentOptions } from 'node:http';
import { after, afterEach, test } from 'node:test';
import KeepAliveAgent from 'agentkeepalive';
import { type FactsServer, startFactsServer, traced } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import type { EndedSpan } from '../support/sdk';

instrument();

const agents = new Set<Agent>();
// All until the end: a port that is used again is the same origin.
const servers: FactsServer[] = [];
afterEach(() => {
  for (const agent of agents) agent.destroy();
});

function pool(options: AgentOptions = {}): Agent {
  const agent = new Agent({ keepAlive: true, ...options });
  agents.add(agent);
  return agent;
}

after(() => Promise.all(servers.map((server) => server.stop())));

/** The spans of requests to one new origin, which answers each with the Keep-Alive headers given. */
async function answered(agent: Agent | undefined, ...headers: (string | readonly string[])[]): Promise<EndedSpan[]> {
  const server = await startFactsServer();
  servers.push(server);
  const spans: EndedSpan[] = [];
  for (const header of headers) {
    const query = [header].flat().map((value) => `header=${encodeURIComponent(value)}`);
    spans.push((await traced(server, `/?${query.join('&')}`, { agent })).span);
  }
  return spans;
}

const limits = (span: EndedSpan | undefined) => [
  span?.attributes['socket.client_timeout_ms'],
  span?.attributes['socket.peer_timeout_ms'],
  span?.attributes['socket.timeout_mismatch'],
];

test('without a hint, the idle timeout is the timeout of the agent, or none', async () => {
  for (const [timeout, expected] of [
    [undefined, 0],
    [7_000, 7_000],
  ] as const) {
    const spans = await answered(pool(timeout === undefined ? {} : { timeout }), [], []);
    for (const span of spans) assert.deepEqual(limits(span), [expected, undefined, undefined]);
  }
});

test('a hint lowers the timeout of the agent to one second below it', async () => {
  const spans = await answered(pool({ timeout: 10_000 }), 'timeout=5', 'timeout=5');
  for (const span of spans) assert.deepEqual(limits(span), [4_000, 5_000, false]);
  assert.equal(spans[1]?.attributes['socket.peer_timeout_source'], 'announced');
});

test('a hint above the timeout of the agent changes nothing', async () => {
  const spans = await answered(pool({ timeout: 3_000 }), 'timeout=60', 'timeout=60');
  for (const span of spans) assert.deepEqual(limits(span), [3_000, 60_000, false]);
});

test('an agent without a timeout ignores the hint: a mismatch', async () => {
  const spans = await answered(pool(), 'timeout=5', 'timeout=5');
  for (const span of spans) assert.deepEqual(limits(span), [0, 5_000, true]);
});

test('a hint that is not in the form which Node reads is announced all the same', async () => {
  for (const header of ['max=100, timeout=5', 'Timeout=5, max=100', 'max=100,TIMEOUT = 5', ' max=100 ; timeout="5"']) {
    const spans = await answered(pool({ timeout: 5_000 }), header, header);
    for (const span of spans) assert.deepEqual(limits(span), [5_000, 5_000, true], header);
  }
});

test('the agent of the process keeps connections for 5 s, or a second less than the hint', async () => {
  for (const span of await answered(undefined, [], [])) assert.deepEqual(limits(span), [5_000, undefined, undefined]);
  for (const span of await answered(undefined, 'timeout=5')) assert.deepEqual(limits(span), [4_000, 5_000, false]);
});

test('a hint of one second or less keeps the connection out of the pool', async () => {
  const spans = await answered(pool({ timeout: 10_000 }), 'timeout=1', 'timeout=1', 'timeout=0');
  assert.deepEqual(
    spans.map((span) => span.attributes['socket.reuse_count']),
    [0, 0, 0],
  );
  assert.deepEqual(limits(spans[1]), [undefined, 1_000, undefined]);
});

test('freeSocketTimeout is compared with the announced idle timeout', async () => {
  const agent = new KeepAliveAgent({ freeSocketTimeout: 5_000 });
  agents.add(agent);
  for (const span of await answered(agent, 'timeout=5', 'timeout=5'))
    assert.deepEqual(limits(span), [5_000, 5_000, true]);
});

for (const [name, header] of Object.entries({
  'no number': 'timeout=abc',
  'a negative number': 'timeout=-1',
  'a fraction': 'timeout=2.5',
  zero: 'timeout=0',
  'no value': 'timeout=',
  'a number in another notation': 'timeout=1e9',
  'too many digits': `timeout=${'9'.repeat(400)}`,
  'more than any header': `timeout=5, ${'x'.repeat(400)}`,
  'a word that ends in timeout': 'mytimeout=5',
  nothing: '',
})) {
  test(`a Keep-Alive header with ${name} announces nothing`, async () => {
    const [span] = await answered(pool(), header);
    assert.equal(span?.attributes['socket.peer_timeout_ms'], undefined);
    assert.equal(span?.attributes['socket.timeout_mismatch'], undefined);
  });
}

test('a huge announced idle timeout is clamped to a day', async () => {
  const [span] = await answered(pool(), 'timeout=999999999');
  assert.equal(span?.attributes['socket.peer_timeout_ms'], 86_400_000);
});

test('of a header that is repeated the first value counts, and a new value replaces an old one', async () => {
  const spans = await answered(pool(), ['timeout=5', 'timeout=9'], 'timeout=20', [], 'timeout=nonsense');
  assert.deepEqual(
    spans.map((span) => span.attributes['socket.peer_timeout_ms']),
    [5_000, 20_000, 20_000, 20_000],
  );
});
