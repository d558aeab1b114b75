import type { AdviceFacts, Clues } from '../../../src/verdict/advice/advice-facts';
import { AGENT_TIMEOUT } from '../../../src/verdict/advice/idle-timeout-settings';
import type { ReportedFailure } from '../../../src/verdict/failure';

/** What is known of a failure, and the three values that say it. */
export type Words = readonly [facts: AdviceFacts, why: string, fix: string, retry: string];

type Verdict = Partial<Omit<ReportedFailure, 'explanation'>>;

/** A GET on a reused connection that the peer closed after it was sent, unless said otherwise. */
export function about(verdict: Verdict, clues: Clues = {}, rest: Partial<AdviceFacts> = {}): AdviceFacts {
  return {
    failure: {
      kind: 'closed',
      phase: 'wait',
      cause: 'unknown',
      confidence: 'possible',
      initiator: 'remote',
      sent: 'full',
      elapsedMs: 2_030,
      retrySafe: true,
      connection: { reused: true, reuseCount: 9, idleMs: 700, ageMs: 65_000 },
      ...verdict,
    },
    method: 'GET',
    server: { host: 'api.example', port: 8443 },
    scheme: 'https',
    setting: AGENT_TIMEOUT,
    clues,
    ...rest,
  };
}

export const SAFE = 'Safe to retry: GET is idempotent';
export const UNSENT = 'Safe to retry: nothing was sent';
export const POST = { method: 'POST' } as const;
export const STARTED_LATE =
  'Find what kept this process from using its new connection at once, as peers close silent ones, or look for a limit on rate or connections at the peer';
/** How most explanations of an end in flight begin. */
export const ENDED = 'This reused connection to api.example:8443 ended 2 s into the request';
