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
    when: { kernel: -12, unsent: 3, early: 5 },
    idle: { unusual: 18, beyond: 28, long: 4, usual: -30, within: -24 },
    kind: { closed: -5, reset: -23, broken_pipe: 24 },
    siblings: { none: -3, some: -1 },
    again: { no: -4 },
    blind: { per: 21 },
  },
  idle_expired: {
    siblings: { none: 12 },
    again: { no: 12 },
    kind: { reset: 12 },
    idle: { long: 12 },
    when: { round: 12 },
  },
  recycled: {
    when: { kernel: 7, unsent: -3, early: -5, round: -7 },
    idle: { unusual: -21, beyond: -12, long: -5, usual: 30 },
    kind: { closed: 12, reset: -19, broken_pipe: -1 },
    siblings: { none: -13, some: 6 },
    again: { no: -14, yes: 7 },
    blind: { per: 3 },
  },
  peer_restart: {
    kind: { closed: -4, reset: 4 },
    again: { no: 6, yes: -6 },
    siblings: { some: -7, burst: 7 },
  },
  rejected: {
    when: { kernel: 5, round: -6 },
    idle: { unusual: 4, beyond: -16, long: -12, within: 24 },
    kind: { closed: -3, reset: 26, broken_pipe: -23 },
    siblings: { none: 4, some: 2, burst: -7 },
    blind: { per: -24 },
  },
};
