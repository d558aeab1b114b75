/** The causes that compete for the end of a reused connection with no byte back. */
export const RIVALS = ['stale_keepalive', 'idle_expired', 'recycled', 'peer_restart', 'rejected'] as const;
export type Rival = (typeof RIVALS)[number];

/** `likely` needs at least this share of the evidence. */
export const LIKELY_ABOVE = 0.9;

/** Less than this share is no answer. */
export const UNKNOWN_BELOW = 0.6;

type Weights = Readonly<Record<Rival, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

/**
 * Natural logarithms of odds, in tenths, by cause, feature and its value; 0 where there is none; `per`: for each unit of a number. Written by
 * `npm run corpus -- --fit`, which fits them on the failures of the odd seeds.
 */
export const WEIGHTS: Weights = {
  stale_keepalive: {
    when: { kernel: -1, round: -8 },
    idle: { unusual: 6, beyond: 11, long: 1, usual: -24, within: -4 },
    kind: { closed: 13, broken_pipe: 7, reset: -29 },
    again: { no: -1, yes: -9 },
  },
  idle_expired: {
    when: { kernel: 2, round: 3 },
    again: { no: 6 },
    idle: { long: 6 },
    kind: { reset: 6 },
  },
  recycled: {
    when: { kernel: 3, round: 1 },
    kind: { closed: 4 },
    again: { no: 1, yes: 3 },
    idle: { usual: 4 },
  },
  peer_restart: {
    idle: { unusual: 1, usual: 2, within: 1 },
    kind: { closed: -4, reset: 8 },
    again: { no: 3, yes: 2 },
    when: { late: 4 },
  },
  rejected: {
    when: { kernel: -4, round: 4, late: -10 },
    idle: { unusual: -7, beyond: -11, long: -7, usual: 12, within: 3 },
    kind: { closed: -19, broken_pipe: -7, reset: 16 },
    again: { no: -14, yes: 4 },
  },
};
