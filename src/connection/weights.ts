/** The causes that compete for the end of a reused connection with no byte back. */
export type Rival = 'stale_keepalive' | 'idle_expired' | 'recycled' | 'peer_restart' | 'response_timeout' | 'rejected';

/** `likely` needs at least this share of the evidence. */
export const LIKELY_ABOVE = 0.9;

/**
 * Logarithms of likelihoods, in tenths, by cause, feature and its value; 0 where there is none. Set by hand;
 * `test/corpus/RESULT.md` says how right they are.
 */
export const WEIGHTS: Readonly<Record<Rival, Readonly<Record<string, Readonly<Record<string, number>>>>>> = {
  stale_keepalive: { idle: { unusual: 0, usual: -20, within: -20, beyond: 0 }, when: { kernel: 0, round: -5 } },
  idle_expired: {},
  recycled: { idle: { beyond: -10 } },
  peer_restart: {},
  response_timeout: { alike: { some: 10, many: 30 } },
  rejected: { idle: { unusual: -10, beyond: -50 }, when: { kernel: -25, round: -5 } },
};
