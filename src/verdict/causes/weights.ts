/** The causes that compete for the end of a reused connection with no byte back. */
export const RIVALS = ['stale_keepalive', 'idle_expired', 'recycled', 'peer_restart', 'rejected'] as const;
export type Rival = (typeof RIVALS)[number];

/** `likely` needs at least this share of the evidence. */
export const LIKELY_ABOVE = 0.9;

/** A smaller share than this gives no answer. */
export const UNKNOWN_BELOW = 0.78;

type Weights = Readonly<Record<Rival, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

/**
 * Natural logarithms of odds, in tenths, by cause, feature and value; 0 where absent. `per` applies to each unit of a
 * number. Written by `npm run corpus -- --fit`, which fits them to the failures of the odd seeds.
 */
export const WEIGHTS: Weights = {
  stale_keepalive: {
    when: { kernel: -17, unsent: 8, early: 5, round: 2 },
    idle: { unusual: 17, beyond: 24, long: 5, usual: -28, within: -20 },
    kind: { closed: -3, reset: -24, broken_pipe: 25 },
    siblings: { none: 1, some: -1, burst: -2 },
    again: { no: -5, yes: 3 },
    blind: { per: 21 },
  },
  idle_expired: {
    siblings: { none: 12 },
    again: { no: 12 },
    kind: { reset: 12 },
    when: { round: 12 },
    idle: { long: 12 },
  },
  recycled: {
    when: { kernel: 11, unsent: -8, early: -5, round: -9 },
    idle: { unusual: -22, beyond: -13, long: -5, usual: 30 },
    kind: { closed: 13, reset: -22, broken_pipe: -1 },
    siblings: { none: -14, some: 4 },
    again: { no: -13, yes: 3 },
    blind: { per: -2 },
  },
  peer_restart: {
    kind: { closed: -8, reset: 8 },
    again: { no: 4, yes: -5 },
    siblings: { some: -8, burst: 7 },
    when: { round: -1 },
  },
  rejected: {
    when: { kernel: 5, round: -5 },
    idle: { unusual: 5, beyond: -11, long: -12, usual: -2, within: 20 },
    kind: { closed: -2, reset: 26, broken_pipe: -24 },
    siblings: { none: 1, some: 5, burst: -5 },
    again: { no: 2, yes: -1 },
    blind: { per: -20 },
  },
};
