import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import { after } from 'node:test';
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { type SocketFailure, SocketInstrumentation, socketFailureOf } from '../../src/index';
import type { FailureConfidence } from '../../src/types';
import { type Exchange, exchange, type Peer, type Request, startPeer as start } from './peer';
import { clientSpan, type EndedSpan, startSdk } from './sdk';

/** One call of the failure hook, and what the span was like at that moment. */
interface Report {
  readonly span: unknown;
  readonly failure: SocketFailure;
  readonly kind: unknown;
  readonly recording: boolean;
}

const reports: Report[] = [];

startSdk();
new HttpInstrumentation();
new SocketInstrumentation({
  failureHook: (span: Span, failure) => {
    const { attributes } = span as unknown as EndedSpan;
    reports.push({ span, failure, kind: attributes['socket.failure.kind'], recording: span.isRecording() });
  },
});
// instrumentation-http patches the modules when they are required the next time.
for (const name of ['node:http', 'node:https']) require(name);

/** A peer that stops after the test that started it, however that ends. */
export async function startPeer(options?: Parameters<typeof start>[0]): Promise<Peer> {
  const peer = await start(options);
  after(() => peer.stop());
  return peer;
}

/** An agent with an idle connection in its pool: no set-up takes part in the time of the next request. */
export async function warmAgent(
  peer: Pick<Peer, 'port' | 'secure'>,
  options: http.AgentOptions = {},
): Promise<http.Agent> {
  const agent = new (peer.secure ? https : http).Agent({ keepAlive: true, ...options });
  after(() => agent.destroy());
  await send(peer, '/ok', { agent });
  return agent;
}

/** What the span and the error of a failed request have to say. */
export interface Expected
  extends Required<Pick<SocketFailure, 'kind' | 'phase' | 'cause' | 'initiator' | 'sent' | 'retrySafe'>> {
  readonly confidence: FailureConfidence;
  /** Status of the span, ERROR if not said. `any`: what instrumentation-http makes of it depends on the order of events. */
  readonly status?: 'ERROR' | 'UNSET' | 'any';
  /** The failure cannot have come earlier. */
  readonly afterMs?: number;
  /** Its error may stand for other requests, too: the error never says that a retry is safe. */
  readonly shared?: true;
  /** What it may say instead, where the kernel or a busy machine decides. */
  readonly or?: Omit<Partial<Expected>, 'or'> | undefined;
}

/** The peer cut the response to a GET. */
export const CUT: Expected = {
  kind: 'truncated',
  phase: 'response',
  cause: 'peer_aborted',
  confidence: 'possible',
  initiator: 'remote',
  sent: 'received',
  retrySafe: true,
};

/** What one request came to. */
export interface Failed {
  readonly span: EndedSpan;
  readonly errors: readonly unknown[];
}

/** A request whose path, query, headers and body all hold a word that no explanation may repeat; without a pool unless the options name one. */
export function send(peer: Pick<Peer, 'port' | 'secure'>, target: string, options: Request = {}): Promise<Exchange> {
  const [path, amount = '0'] = target.split('?');
  const headers = { 'x-token': 'secret-header', cookie: 'a=secret-cookie', ...options.headers };
  const body = options.body ?? (options.method === 'POST' && !options.unended ? 'secret-body' : undefined);
  return exchange(peer, `${path}/secret-path?${amount}&q=secret-query`, {
    agent: false,
    ...options,
    ...(body === undefined ? {} : { body }),
    headers,
  });
}

/** Makes the one request of `work` and holds its span, its errors and the hook against what is expected. */
export async function fails(expected: Expected, work: () => Promise<Pick<Exchange, 'errors'>>): Promise<Failed> {
  let errors: readonly unknown[] = [];
  const startMs = performance.now();
  const span = await clientSpan(async () => {
    ({ errors } = await work());
  });
  const tookMs = performance.now() - startMs;
  check(span, errors, expected, tookMs);
  return { span, errors };
}

/** Holds one ended span and the errors of its request against what is expected. */
export function check(
  span: EndedSpan,
  errors: readonly unknown[],
  expected: Expected,
  tookMs = Number.POSITIVE_INFINITY,
): void {
  const actual = verdictOf(span);
  const { or = {}, shared = false, ...first } = expected;
  const fits = Object.entries(or).every(([key, value]) => key === 'afterMs' || actual[key] === value);
  const { status = 'ERROR', afterMs = 0, ...verdict } = fits ? { ...first, ...or } : first;
  const told = String(span.attributes['socket.failure.explanation']);
  assert.deepEqual(actual, { ...verdict, status: status === 'any' ? actual.status : status }, told);
  const elapsedMs = Number(span.attributes['socket.failure.elapsed_ms']);
  assert.ok(
    Number.isInteger(elapsedMs) && elapsedMs >= afterMs - 2 && elapsedMs <= tookMs + 1,
    `elapsed ${elapsedMs} of ${tookMs}`,
  );
  assert.doesNotMatch(told, /secret|undefined|NaN|\[object/);
  assert.match(told, /^\S.{40,500}\.$/);
  reportedOnce(span);
  for (const error of errors) agrees(socketFailureOf(error), span, shared || isOfSignal(error));
}

/** Node's error for an aborted signal, or its reason: others may have got the same. */
function isOfSignal(error: unknown): boolean {
  return error instanceof DOMException || (error as { readonly code?: unknown } | undefined)?.code === 'ABORT_ERR';
}

function verdictOf(span: EndedSpan): Record<string, unknown> {
  const { elapsed_ms, explanation, retry_safe: retrySafe, ...verdict } = failureAttributes(span);
  return { ...verdict, retrySafe, status: SpanStatusCode[span.status.code] };
}

function failureAttributes(span: EndedSpan): Record<string, unknown> {
  const prefix = 'socket.failure.';
  const all = Object.entries(span.attributes).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(all.map(([key, value]) => [key.slice(prefix.length), value]));
}

/** The hook ran once for this span: after the attributes were set, and before it ended. */
function reportedOnce(span: EndedSpan): void {
  const own = reports.filter((report) => report.span === span);
  assert.equal(own.length, 1, 'calls of the failure hook');
  assert.equal(own[0]?.kind, span.attributes['socket.failure.kind']);
  assert.equal(own[0]?.recording, true);
  agrees(own[0]?.failure, span);
}

function agrees(failure: SocketFailure | undefined, span: EndedSpan, shared = false): void {
  const { connection: _, elapsedMs, retrySafe, ...rest } = failure ?? {};
  const expected = failureAttributes(span);
  if (shared) {
    expected.retry_safe = false;
    expected.explanation = String(expected.explanation)
      .replace('A retry is safe, but it', 'A retry')
      .replace('Safe to retry: nothing was sent', 'Retry only if the error is about this request: none of it was sent')
      .replace(/Safe to retry: [^.]+/, 'Do not retry blindly: the error may stand for other requests, too');
  }
  assert.deepEqual({ ...rest, elapsed_ms: elapsedMs, retry_safe: retrySafe }, expected);
}

/** The request did not fail: nothing says that it did. */
export async function doesNotFail(work: () => Promise<Pick<Exchange, 'errors'>>): Promise<EndedSpan> {
  let errors: readonly unknown[] = [];
  const span = await clientSpan(async () => {
    ({ errors } = await work());
  });
  assert.deepEqual(failureAttributes(span), {});
  assert.equal(reports.filter((report) => report.span === span).length, 0);
  for (const error of errors) assert.equal(socketFailureOf(error), undefined);
  return span;
}

/** Calls `act` because something arrived from outside, here a signal: no timer can have led to that. */
export function onArrival(act: () => void): void {
  process.once('SIGWINCH', act);
  process.kill(process.pid, 'SIGWINCH');
}
