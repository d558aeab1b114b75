import assert from 'node:assert/strict';
import http, { type ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { socketFailureOf } from '../../src/index';
import { closedPort } from '../support/fresh-port';
import type { Peer } from '../support/peer';
import { type EndedSpan, spansOf } from '../support/sdk';
import { check, type Expected, startPeer } from '../support/verdict';

/** What one request of a library may be told. */
export interface Ask {
  readonly agent: http.Agent;
  /** The library's own timeout; undefined: none. */
  readonly timeoutMs: number | undefined;
}

/** A library on top of a client, and what it makes of a failure. Its retries are off. */
export interface Library {
  readonly name: string;
  /** One GET, its body read to the end; rejects with what the library throws. */
  get(url: string, ask: Ask): Promise<unknown>;
  /** GET, if not said. */
  readonly method?: 'POST';
  /** Failures whose original error cannot be reached from what the library throws. */
  readonly hides?: readonly Case[];
  /**
   * How it enforces its timeout. `error`: in a timer of its own, with an error of its own, which may be about something
   * else. `abort`: without a reason, as a cancellation.
   */
  readonly timesOutBy?: 'timeout' | 'error' | 'abort';
  /** Absent: an agent of Node's. */
  readonly Agent?: new (
    options: http.AgentOptions,
  ) => http.Agent;
  /** Makes the next request find its pooled connection dead. Absent: the agent's `reuseSocket` is the moment. */
  stale?(peer: Peer, send: () => Promise<unknown>): Promise<unknown>;
}

export type Case = 'stale' | 'refused' | 'timeout';

const STALE: Expected = {
  kind: 'closed',
  phase: 'wait',
  cause: 'stale_keepalive',
  confidence: 'possible',
  initiator: 'remote',
  sent: 'full',
  retrySafe: true,
};
const REFUSED: Expected = {
  ...STALE,
  kind: 'refused',
  phase: 'connect',
  cause: 'not_listening',
  confidence: 'likely',
  sent: 'none',
};
const LOCAL: Expected = { ...STALE, kind: 'local_timeout', cause: 'client_timeout', confidence: 'certain' };
const TIMEOUT: Expected = { ...LOCAL, initiator: 'local', retrySafe: true, status: 'any' };
/** follow-redirects aborts with an error that has neither code nor system call: perhaps a cancellation. */
const ABORT: Expected = {
  ...TIMEOUT,
  kind: 'local_abort',
  cause: 'client_cancelled',
  retrySafe: false,
  or: { confidence: 'possible' },
};

/** An agent with a moment just before a pooled connection reaches a request. */
function agentOf(Agent: new (options: http.AgentOptions) => http.Agent): http.Agent & { onReuse?: () => void } {
  return new (class extends Agent {
    onReuse: (() => void) | undefined;

    override reuseSocket(socket: Socket, request: ClientRequest): void {
      this.onReuse?.();
      super.reuseSocket(socket, request);
    }
  })({ keepAlive: true }) as http.Agent & { onReuse?: () => void };
}

/** The span of one request that fails, held against what is expected, and what the library threw. */
async function failing(expected: Expected, send: () => Promise<unknown>): Promise<{ span: EndedSpan; error: unknown }> {
  let error: unknown;
  const [span] = await spansOf(SpanKind.CLIENT, 1, () =>
    send().then(
      () => assert.fail('it did not fail'),
      (thrown: unknown) => {
        error = thrown;
      },
    ),
  );
  assert.ok(span);
  check(span, [], expected);
  return { span, error };
}

/** An explanation without its last sentence. */
const withoutRetry = (explanation: unknown) => String(explanation).split('. ').slice(0, -1).join('. ');

/** Reuse, a stale connection, a refusal and a timeout: on the span, and on the error that the library throws. */
export function testLibrary(library: Library): void {
  const { name, get, hides = [], timesOutBy = 'timeout', Agent = http.Agent } = library;
  const follow = (which: Case, { span, error }: { span: EndedSpan; error: unknown }) => {
    const verdict = socketFailureOf(error);
    if (hides.includes(which)) {
      assert.equal(verdict, undefined, 'now it can be reached: tell the README');
      return;
    }
    assert.equal(withoutRetry(verdict?.explanation), withoutRetry(span.attributes['socket.failure.explanation']));
    // What a timer ended a request with may stand for others, too.
    if (verdict?.retrySafe !== span.attributes['socket.failure.retry_safe'])
      assert.deepEqual([which, verdict?.retrySafe], ['timeout', false]);
  };
  const urlOf = (port: number, target: string) => `http://127.0.0.1:${port}${target}`;

  test(`${name}: two requests share a connection`, async () => {
    const peer = await startPeer();
    const agent = agentOf(Agent);
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      await get(urlOf(peer.port, '/ok'), { agent, timeoutMs: undefined });
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      await get(urlOf(peer.port, '/ok'), { agent, timeoutMs: undefined });
    });
    const [first, second] = spans.map(({ attributes }) => attributes);
    assert.equal(first?.['socket.reuse_count'], 0);
    assert.equal(second?.['socket.reuse_count'], 1);
    assert.equal(second?.['socket.reused'], true);
    assert.equal(second?.['socket.id'], first?.['socket.id']);
    assert.ok(Number(second?.['socket.idle_ms']) >= 0);
    agent.destroy();
  });

  test(`${name}: a stale connection${hides.includes('stale') ? ', which the thrown error hides' : ''}`, async () => {
    const peer = await startPeer();
    const agent = agentOf(Agent);
    const send = () => get(urlOf(peer.port, '/ok'), { agent, timeoutMs: undefined });
    await send();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    agent.onReuse = () => peer.endUnnoticed('fin');
    const failed = await failing(
      { ...STALE, retrySafe: library.method !== 'POST' },
      () => library.stale?.(peer, send) ?? send(),
    );
    assert.equal(failed.span.attributes['socket.reuse_count'], 1);
    follow('stale', failed);
    agent.destroy();
  });

  test(`${name}: a refusal${hides.includes('refused') ? ', which the thrown error hides' : ''}`, async () => {
    const agent = agentOf(Agent);
    const url = urlOf(await closedPort(), '/ok');
    follow('refused', await failing(REFUSED, () => get(url, { agent, timeoutMs: undefined })));
    agent.destroy();
  });

  const how = timesOutBy === 'abort' ? ', seen as a cancellation' : '';
  test(`${name}: its own timeout${how}${hides.includes('timeout') ? ', hidden by the thrown error' : ''}`, async () => {
    const peer = await startPeer();
    const agent = agentOf(Agent);
    const retrySafe = timesOutBy !== 'abort' && library.method !== 'POST';
    const confidence = timesOutBy === 'error' ? 'likely' : TIMEOUT.confidence;
    const expected = { ...(timesOutBy === 'abort' ? ABORT : { ...TIMEOUT, confidence }), retrySafe };
    follow('timeout', await failing(expected, () => get(urlOf(peer.port, '/hang'), { agent, timeoutMs: 150 })));
    agent.destroy();
  });
}
