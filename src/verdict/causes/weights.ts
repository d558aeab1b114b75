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
    idle: { unusual: 14, beyond: 23, long: 7, usual: -23, within: -14 },
    kind: { closed: -2, reset: -3, broken_pipe: 12 },
    siblings: { none: -3, some: -2, burst: 11 },
    again: { no: 5, yes: 2 },
    race: { per: 9 },
    when: { early: 3, round: 4 },
  },
  idle_expired: {
    when: { kernel: 12 },
    siblings: { none: 12 },
    again: { no: 12 },
    kind: { reset: 12 },
    idle: { long: 12 },
  },
  recycled: {
    when: { kernel: -7, early: -3, round: -1 },
    idle: { unusual: -21, beyond: -12, long: -9, usual: 31 },
    kind: { closed: 16, reset: -26 },
    siblings: { none: -8, burst: -3 },
    again: { no: -12, yes: 1 },
    race: { per: -5 },
  },
  peer_restart: {
    kind: { closed: -5 },
    again: { no: -3, yes: -2 },
    idle: { usual: -5 },
    when: { round: -5 },
    siblings: { burst: -5 },
  },
  rejected: {
    when: { kernel: -5, round: 3 },
    idle: { unusual: 8, beyond: -11, long: -10, usual: -3, within: 15 },
    kind: { closed: -8, reset: 18, broken_pipe: -12 },
    siblings: { none: -1, some: 2, burst: -3 },
    again: { no: -1, yes: -1 },
    race: { per: -4 },
  },
};
