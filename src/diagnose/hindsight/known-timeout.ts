import { durationText } from '../../verdict/advice/phrases';
import { type Host, longestIdleMs } from '../collect/host';
import type { Range } from '../collect/timeouts';
import type { FailureEnd } from './ending';
import type { Judgements } from './judgement';

/** Causes that an idle timeout which nobody knew yet may have looked like. */
const REPLACED = new Set(['rejected', 'unknown']);
/** Servers are a little late, and so are clocks. */
const EARLY = 0.98;
/** Later than this into the request, another cause is possible. */
const SOON_MS = 500;

/**
 * The peer's idle timeout, learned by other processes or later, explains an end on a connection that had been idle for
 * longer, as soon as it was used again; not if a request succeeded on one that had been idle for even longer: many peers
 * grant more than they announce.
 */
export function judgeIdleTimeouts(
  host: Host,
  known: Range,
  endings: readonly FailureEnd[],
  judgements: Judgements,
): void {
  const leastMs = Math.max(known.toMs * EARLY, longestIdleMs(host));
  for (const ending of endings) {
    const { index, idleMs = 0, elapsedMs = SOON_MS } = ending;
    if (!isUnexplained(ending) || judgements.has(index) || idleMs < leastMs || elapsedMs >= SOON_MS) continue;
    const reason = `other requests show that ${host.name} closes idle connections after ${durationText(known.toMs)}, and this one had been idle for ${durationText(idleMs)}`;
    judgements.set(index, { cause: 'stale_keepalive', reason, peerTimeoutMs: known.fromMs });
  }
}

/** A reused connection ended without a byte back, and its span does not know why. */
function isUnexplained({ isPossible, isReused, isAnswered, isInFlight, cause }: FailureEnd): boolean {
  return isPossible && isReused && !isAnswered && isInFlight && REPLACED.has(cause);
}
