import type { ConnectionFacts } from '../../connection/facts';
import type { AdviceFacts } from './advice-facts';

/**
 * What a request can spend its time on before the server has it. `busy`: the event loop of this process was blocked;
 * `before`: it had no connection yet, for a reason that was not seen.
 */
export type Part = 'queue' | 'dns' | 'connect' | 'tls' | 'busy' | 'before';

/** Shorter times are not mentioned. */
const SHORTEST_MS = 20;

/** From the start of the request, as far as it was seen, to its failure. */
export function totalMs(facts: AdviceFacts): number {
  return Math.max(partsMs(facts), facts.clues?.sinceMadeMs ?? 0);
}

/** How long the set-up of the connection took; empty if the connection already existed. */
function setUpOf({
  failure: { connection },
  clues,
}: AdviceFacts): Pick<ConnectionFacts, 'dnsMs' | 'connectMs' | 'tlsMs'> {
  return clues?.isMadeBefore ? {} : connection;
}

/** The parts of that whose time is known. */
function partsMs(facts: AdviceFacts): number {
  const { connection, elapsedMs, phase } = facts.failure;
  const { queueMs = 0, ageMs } = connection;
  const { dnsMs = 0, connectMs = 0, tlsMs = 0 } = setUpOf(facts);
  if (phase === 'queue') return elapsedMs;
  // A client that connects first acquires the connection only then; otherwise the time to connect is part of
  // `elapsedMs`.
  const setUp = connection.reused === false && ageMs !== undefined ? dnsMs + connectMs + tlsMs : 0;
  return queueMs + setUp + elapsedMs;
}

/**
 * The part that took at least half of the time; undefined if none did. A part that had not ended is the phase itself.
 */
export function whereTimeWent(facts: AdviceFacts): { readonly part: Part; readonly ms: number } | undefined {
  const setUp = setUpOf(facts);
  const total = totalMs(facts);
  const least = Math.max(SHORTEST_MS, total / 2);
  // A busy process sees late what happened meanwhile.
  const parts: readonly (readonly [Part, number | undefined])[] = [
    ['busy', facts.clues?.busyMs],
    ['queue', facts.failure.connection.queueMs],
    ['dns', setUp.dnsMs],
    ['connect', setUp.connectMs],
    ['tls', setUp.tlsMs],
    ['before', total - partsMs(facts)],
  ];
  for (const [part, ms] of parts)
    if (part !== facts.failure.phase && ms !== undefined && ms >= least) return { part, ms };
  return undefined;
}

/** A connection that was free for less may have been waited for. */
const AT_ONCE_MS = 5;

/**
 * The request may have waited for its connection, which had just become free: where undici's pools limit their
 * connections, they make a request only once they have one for it, and no event shows an earlier call. How long the
 * program's deadline was is not known then.
 */
export function mayHaveWaited({ failure: { connection }, pool }: AdviceFacts): boolean {
  const { idleMs = AT_ONCE_MS, queueMs } = connection;
  return pool?.setting === 'connections' && queueMs === undefined && idleMs < AT_ONCE_MS;
}
