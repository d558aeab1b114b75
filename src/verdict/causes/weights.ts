/** The causes that compete for the end of a reused connection with no byte back. */
export const RIVALS = ['stale_keepalive', 'idle_expired', 'recycled', 'peer_restart', 'rejected'] as const;
export type Rival = (typeof RIVALS)[number];

/** `likely` needs at least this share of the evidence. */
export const LIKELY_ABOVE = 0.9;

/** A smaller share than this gives no answer. */
export const UNKNOWN_BELOW = 0.65;

type Weights = Readonly<Record<Rival, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

/**
 * Natural logarithms of odds, in tenths, by cause, feature and value; 0 where absent. `per` applies to each unit of a
 * number. Written by `npm run corpus -- --fit`, which fits them to the failures of the odd seeds.
 */
export const WEIGHTS: Weights = {
  stale_keepalive: {
    when: { kernel: -11, early: 5, round: 5, unsent: 3 },
    idle: { unusual: 16, beyond: 19, long: 7, usual: -27, within: -13 },
    kind: { closed: -3, reset: -16, broken_pipe: 21 },
    siblings: { none: -7, some: -4, burst: 14 },
    again: { no: 2 },
    blind: { per: 12 },
  },
  idle_expired: {
    when: { kernel: 13 },
    siblings: { none: 13 },
    again: { no: 13 },
    kind: { reset: 13 },
    idle: { long: 13 },
  },
  recycled: {
    when: { kernel: -3, early: -5, unsent: -3 },
    idle: { unusual: -22, beyond: -13, long: -7, usual: 31 },
    kind: { closed: 11, reset: -21, broken_pipe: -1 },
    siblings: { none: -5, some: 2, burst: -9 },
    again: { no: -12, yes: 1 },
    blind: { per: -1 },
  },
  peer_restart: {
    kind: { closed: -5 },
    again: { no: -3, yes: -2 },
    idle: { usual: -5 },
    when: { round: -5 },
    siblings: { burst: -5 },
  },
  rejected: {
    when: { kernel: 1 },
    idle: { unusual: 7, beyond: -6, long: -13, within: 13 },
    kind: { closed: -3, reset: 25, broken_pipe: -20 },
    siblings: { none: -1, some: 2 },
    again: { no: 1 },
    blind: { per: -11 },
  },
};
