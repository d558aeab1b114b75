import type { AdviceFacts } from './advice-facts';

/**
 * What a request can spend its time on before the server has it. `busy`: the event loop of this process was blocked.
 */
export type Part = 'queue' | 'dns' | 'connect' | 'tls' | 'busy';

/** Shorter times are not mentioned. */
const SHORTEST_MS = 20;

/** From the start of the request to its failure. */
export function totalMs({ failure: { connection, elapsedMs, phase } }: AdviceFacts): number {
  const { queueMs = 0, dnsMs = 0, connectMs = 0, tlsMs = 0, ageMs } = connection;
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
  const { connection } = facts.failure;
  const least = Math.max(SHORTEST_MS, totalMs(facts) / 2);
  // A busy process sees late what happened meanwhile.
  const parts: readonly (readonly [Part, number | undefined])[] = [
    ['busy', facts.clues?.busyMs],
    ['queue', connection.queueMs],
    ['dns', connection.dnsMs],
    ['connect', connection.connectMs],
    ['tls', connection.tlsMs],
  ];
  for (const [part, ms] of parts)
    if (part !== facts.failure.phase && ms !== undefined && ms >= least) return { part, ms };
  return undefined;
}
