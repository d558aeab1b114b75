import { isAvoidable } from '../../../src/verdict/avoidable';
import type { FailureCause } from '../../../src/verdict/failure';
import type { Outcome, SeenSpan } from '../messages';
import type { Run } from '../play';
import { bold, green, line, red, wrapped } from './terminal';

/** The second half of `--fixed`: the advice, and what still fails after it was followed. */

/** The shortest idle timeout that is advised, as it stands in the code to paste. */
export function advisedIdleTimeoutMs({ spans }: Run): number {
  const timeouts = spans.flatMap(({ attributes, advice }) => {
    const cause = attributes['socket.failure.cause'];
    const value = /\btimeout: (\d+)/.exec(advice?.fix.code ?? '')?.[1];
    return (cause === 'stale_keepalive' || cause === 'idle_expired') && value !== undefined ? Number(value) : [];
  });
  const shortest = Math.min(...timeouts);
  if (!Number.isFinite(shortest)) throw new Error('no explanation says which idle timeout to set');
  return shortest;
}

/** Why this client cannot prevent this failure; undefined if it can. */
function unavoidable({ attributes }: SeenSpan): string | undefined {
  const { 'socket.failure.cause': cause, 'socket.failure.sent': sent } = attributes;
  const retrySafe = attributes['socket.failure.retry_safe'] === true;
  if (isAvoidable({ cause: cause as FailureCause, retrySafe })) return undefined;
  if (cause === 'not_listening') return 'nothing listens there, retried or not: start the server, or correct the port';
  if (retrySafe) return 'another attempt fails the same way';
  const wasSent = `it was sent (${sent}) before the peer went away and may have been executed`;
  return `${wasSent}: only the application knows whether it may be repeated`;
}

interface Failed {
  readonly outcome: Outcome;
  readonly span: SeenSpan | undefined;
  readonly reason: string | undefined;
}

function failedOf({ outcomes, spans }: Run): Failed[] {
  return outcomes
    .filter(({ error }) => error !== undefined)
    .map((outcome) => {
      const span = spans.filter(({ call }) => call === outcome.call).at(-1);
      return { outcome, span, reason: span && unavoidable(span) };
    });
}

const nearMisses = ({ spans }: Run) => spans.filter(({ attributes }) => attributes['socket.near_miss'] === true).length;

/** Results of the fixed run that are not the expected ones, in words. */
export function unexpectedOutcomes(fixed: Run): string[] {
  const failed = failedOf(fixed);
  const problems = failed
    .filter(({ reason }) => reason === undefined)
    .map(({ outcome }) => `${outcome.call} still fails: ${outcome.error}`);
  if (nearMisses(fixed) > 0) problems.push('there are still near misses');
  for (const call of ['/restart/post', '/refused']) {
    if (!failed.some(({ outcome }) => outcome.call === call))
      problems.push(`${call} did not fail, although no setting of the client prevents it`);
  }
  return problems;
}

export function printFixed(before: Run, fixed: Run, idleTimeoutMs: number, timeoutMs: number): void {
  line();
  line(bold('The advice, applied to the scenarios of npm run demo and two of --all'));
  wrapped('   ', `idle timeout, the shortest advised: new http.Agent({ keepAlive: true, timeout: ${idleTimeoutMs} })`);
  wrapped('   ', `timeout of requests to reports: ${seconds(timeoutMs)}`);
  wrapped(
    '   ',
    'retries: where socketFailureOf(error)?.retrySafe is true, unless no retry cures the cause (RETRY_POINTLESS)',
  );

  const [then, now] = [failedOf(before), failedOf(fixed)];
  const retried = ({ outcomes }: Run) => outcomes.filter(({ attempts, error }) => attempts > 1 && error === undefined);
  line();
  line(bold(`${' '.repeat(26)}before   fixed`));
  const row = (name: string, ...[a, b]: readonly number[]) =>
    `   ${name.padEnd(22)}${String(a).padStart(7)}${String(b).padStart(8)}`;
  line(row('requests', before.outcomes.length, fixed.outcomes.length));
  line(row('near misses, answered', nearMisses(before), nearMisses(fixed)));
  line(row('prevented by timeouts', 0, prevented(then, fixed)));
  line(row('answered on a retry', retried(before).length, retried(fixed).length));
  const isAvoidableLeft = now.some(({ reason }) => reason === undefined);
  line((isAvoidableLeft ? red : green)(row('failed', then.length, now.length)));

  line();
  line(bold('Failed at first, safe to retry, and answered on a retry'));
  for (const { method, host, attempts } of retried(fixed))
    wrapped(`   ${method.padEnd(4)} ${host.padEnd(10)} `, `attempt ${attempts} was answered`);
  line();
  line(bold('Still failing, and why this client cannot prevent it'));
  for (const { outcome, span, reason } of now) {
    const cause = String(span?.attributes['socket.failure.cause']);
    wrapped(`   ${outcome.method.padEnd(4)} ${outcome.host.padEnd(10)} `, `${cause}: ${reason ?? 'AVOIDABLE'}`);
  }
}

/** Requests that failed before, and are now answered at once. */
function prevented(before: readonly Failed[], { outcomes }: Run): number {
  const failed = new Set(before.map(({ outcome }) => outcome.call));
  return outcomes.filter(({ call, attempts, error }) => failed.has(call) && attempts === 1 && error === undefined)
    .length;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Number((ms / 1_000).toFixed(1))} s`;
}
