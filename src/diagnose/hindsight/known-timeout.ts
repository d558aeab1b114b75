import { time } from '../../verdict/advice/phrases';
import type { Host } from '../collect/host';
import type { Range } from '../collect/timeouts';
import type { Ending } from './ending';
import type { Judgements } from './judgement';

/** Causes that an idle timeout which nobody knew yet may have looked like. */
const REPLACED = new Set(['rejected', 'unknown']);
/** Servers are a little late, and so are clocks. */
const EARLY = 0.98;
/** Later than this after the peer's idle timeout, another cause had its time, too. */
const SOON_MS = 500;

/**
 * The peer's idle timeout, learned by other processes or later, explains an end on a connection that had been idle for
 * longer, as soon as it was used again; not if a request succeeded on one that had been idle for even longer: many peers
 * grant more than they announce.
 */
export function judgeIdleTimeouts(
  { name, longestIdleMs }: Host,
  known: Range,
  endings: readonly Ending[],
  judgements: Judgements,
): void {
  for (const {
    index,
    isPossible,
    isReused,
    isAnswered,
    isInFlight,
    cause,
    idleMs = 0,
    elapsedMs = SOON_MS,
  } of endings) {
    if (!isPossible || !isReused || isAnswered || !isInFlight || !REPLACED.has(cause) || judgements.has(index))
      continue;
    if (idleMs < Math.max(known.toMs * EARLY, longestIdleMs) || elapsedMs >= SOON_MS) continue;
    const reason = `other requests show that ${name} closes idle connections after ${time(known.toMs)}, and this one had been idle for ${time(idleMs)}`;
    judgements.set(index, { cause: 'stale_keepalive', reason, peerTimeoutMs: known.fromMs });
  }
}
