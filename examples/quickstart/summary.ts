import { fixText } from '../../src/verdict/advice/advice';
import type { SeenSpan } from './messages';
import type { Run } from './play';
import { bold, line, wrapped } from './print';

/** The four questions of an engineer who sees ECONNRESET, answered from the spans alone. */

const attribute = (span: SeenSpan, name: string) => span.attributes[name];
const hostOf = (span: SeenSpan) => String(attribute(span, 'server.address'));
const causeOf = (span: SeenSpan) => attribute(span, 'socket.failure.cause');
const isFailed = (span: SeenSpan) => causeOf(span) !== undefined;
/**
 * The peer ended an open connection. A refused connection was never open, and a timeout of the client is not a reset.
 */
const isReset = (span: SeenSpan) =>
  /^(reset|closed|broken_pipe|truncated)$/.test(String(attribute(span, 'socket.failure.kind')));

function byHost(spans: readonly SeenSpan[]): Map<string, SeenSpan[]> {
  const hosts = new Map<string, SeenSpan[]>();
  for (const span of spans) hosts.set(hostOf(span), [...(hosts.get(hostOf(span)) ?? []), span]);
  return hosts;
}

export function printSummary({ spans }: Run): void {
  const failures = byHost(spans.filter(isFailed));
  const resets = byHost(spans.filter(isReset));
  const width = Math.max(...[...failures.keys()].map((host) => host.length)) + 5;
  const row = (host: string, text: string) => wrapped(`   ${host}`.padEnd(width), text);

  line();
  line(bold('Summary, computed from the spans of the run with the package'));
  line();
  line(bold('1. Which host resets?'));
  const all = byHost(spans);
  for (const [host, ended] of resets)
    row(host, `ended the connection of ${ended.length} of ${all.get(host)?.length} requests (${counts(ended)})`);
  for (const [host, failed] of failures) if (!resets.has(host)) row(host, `does not: ${notReset(failed)}`);

  line();
  line(bold('2. On the first request of a connection, or only on reused ones?'));
  for (const [host, ended] of resets) row(host, firstOrReused(ended));

  line();
  line(bold('3. Whose idle timeout is shorter?'));
  for (const [host, failed] of failures) {
    const timeouts = whoseTimeout(failed);
    if (timeouts !== undefined) row(host, timeouts);
  }

  line();
  line(bold('4. Is it safe to retry, and what do I change?'));
  for (const [host, failed] of failures) row(host, `${safeToRetry(failed)}. ${adviceOf(failed[0])}`);
}

function counts(spans: readonly SeenSpan[]): string {
  const kinds = spans.map((span) => String(attribute(span, 'socket.failure.kind')));
  return [...new Set(kinds)].map((kind) => `${kinds.filter((each) => each === kind).length} ${kind}`).join(', ');
}

function notReset(failed: readonly SeenSpan[]): string {
  if (failed.every((span) => attribute(span, 'socket.failure.initiator') === 'local'))
    return `this client gave up first, after ${seconds(attribute(failed[0] as SeenSpan, 'socket.failure.elapsed_ms'))}`;
  return `there was no connection (${counts(failed)})`;
}

function firstOrReused(ended: readonly SeenSpan[]): string {
  const reused = ended.filter((span) => attribute(span, 'socket.reused') === true);
  if (reused.length === 0) return `only on first requests (${ended.length} of ${ended.length}): not an idle timeout`;
  const ages = reused.map((span) => Number(attribute(span, 'socket.idle_ms')));
  const [low, high] = [seconds(Math.min(...ages)), seconds(Math.max(...ages))];
  const idle = low === high ? `idle for ${low}` : `idle for ${low} to ${high}`;
  const share = `${reused.length} of ${ended.length}`;
  return reused.length === ended.length
    ? `only on reused ones (${share}), ${idle}`
    : `on both (${share} reused, ${idle})`;
}

function whoseTimeout(failed: readonly SeenSpan[]): string | undefined {
  const span = failed.find((each) => attribute(each, 'socket.reused') === true);
  if (span === undefined) return undefined;
  const peer = attribute(span, 'socket.peer_timeout_ms');
  const client = attribute(span, 'socket.client_timeout_ms');
  const ours = client === 0 ? 'this client has none' : `this client's is ${seconds(client)}`;
  if (peer === undefined) return `the peer's is not known; ${ours}`;
  const theirs = `${seconds(peer)}, ${attribute(span, 'socket.peer_timeout_source')}`;
  if (causeOf(span) === 'idle_expired') {
    const idle = seconds(attribute(span, 'socket.idle_ms'));
    return `neither end's, perhaps the path's: idle for ${idle} was too long, although the peer allows ${theirs}; ${ours}`;
  }
  const isShorter = attribute(span, 'socket.timeout_mismatch') === true;
  return `${isShorter ? "the peer's" : "this client's"}; the peer's is ${theirs}; ${ours}`;
}

function safeToRetry(failed: readonly SeenSpan[]): string {
  const safe = failed.filter((span) => attribute(span, 'socket.failure.retry_safe') === true).length;
  return `${safe} of ${failed.length} safe to retry`;
}

function adviceOf(span: SeenSpan | undefined): string {
  return span?.advice === undefined ? '' : fixText(span.advice.fix);
}

export function seconds(ms: unknown): string {
  const value = Number(ms);
  return value < 1_000 ? `${value} ms` : `${Number((value / 1_000).toFixed(1))} s`;
}
