/** The causes that compete for the end of a reused connection with no byte back. */
export const RIVALS = [
  'stale_keepalive',
  'idle_expired',
  'recycled',
  'peer_restart',
  'response_timeout',
  'rejected',
] as const;
export type Rival = (typeof RIVALS)[number];

/** `likely` needs at least this share of the evidence. */
export const LIKELY_ABOVE = 0.9;

type Weights = Readonly<Record<Rival, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

/**
 * Natural logarithms of odds, in tenths, by cause, feature and its value; 0 where there is none. Written by
 * `npm run corpus -- --fit`, which fits them on the failures of the odd seeds.
 */
export const WEIGHTS: Weights = {
  stale_keepalive: {
    when: { kernel: 3, round: -11 },
    idle: { unusual: 2, beyond: 11, long: 1, within: 2, usual: -23 },
    kind: { closed: 9, reset: -17 },
    alike: { none: -8 },
    beside: { none: -8 },
  },
  idle_expired: {
    when: { kernel: 1, round: 5 },
    alike: { none: 7 },
    beside: { none: 7 },
    idle: { long: 7 },
    kind: { reset: 7 },
  },
  recycled: {
    when: { kernel: 3, round: 1 },
    kind: { closed: 4 },
    alike: { none: 4 },
    beside: { none: 4 },
    idle: { usual: 4 },
  },
  peer_restart: {
    idle: { unusual: 2, within: 2 },
    kind: { closed: -2, reset: 5 },
    alike: { none: 9, many: -5 },
    beside: { none: 1, many: 3 },
    when: { late: 4 },
  },
  response_timeout: {
    kind: { closed: 7 },
    beside: { none: 7 },
    when: { late: 7 },
    idle: { usual: 7 },
    alike: { some: 1, many: 6 },
  },
  rejected: {
    when: { kernel: -7, round: 4, late: -10 },
    idle: { unusual: -4, beyond: -11, long: -7, within: -4, usual: 12 },
    kind: { closed: -19, reset: 5 },
    alike: { none: -12, some: -1 },
    beside: { none: -10, many: -3 },
  },
};
