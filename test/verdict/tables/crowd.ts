import type { Origin } from '../../../src/peer/origin';
import { fin, NOW, post, type Row, rst } from '../scene';

const closed = (o: Origin, atMs: number, idleMs: number) =>
  o.closedIdle({ lateMs: 0, atMs, idleMs, uses: 2, ageMs: undefined });
/** It is known for long and hardly ever ends a connection; it answers, on old connections and new ones. */
export const answers = (o: Origin) => {
  o.connected(NOW - 250_000, 0.1);
  o.succeeded(NOW - 950, 10);
  o.succeeded(NOW - 900, undefined);
};
/** Idle connections of several ages were closed in this moment. */
export const leaves = (o: Origin) => {
  answers(o);
  for (const idleMs of [9_000, 4_000, 1_000]) closed(o, NOW - 300, idleMs);
};
/** One that had been idle for so long was. */
const lets = (idleMs: number) => (o: Origin) => {
  answers(o);
  closed(o, NOW - 5, idleMs);
};
export const refuses = (o: Origin) => {
  answers(o);
  o.refused(NOW - 500);
};
export const refusesSome = (o: Origin) => {
  refuses(o);
  o.succeeded(NOW - 100, undefined);
};
/** Closes idle connections after 5 s, sharply; those of 4.95 s succeeded. */
const closesAt5s = (o: Origin) => {
  for (const hours of [2, 1]) closed(o, NOW - hours * 3_600_000, 5_000);
  o.succeeded(NOW - 600_000, 4_950);
  answers(o);
};
/** It dropped another, and this connection was used since. */
const drops = (o: Origin) => {
  o.succeeded(NOW - 600_000, 9_000);
  answers(o);
  o.droppedMs = NOW - 20_000;
};

/** What a known limit, other connections and other requests of the moment make of the same end. */
export const CROWD: readonly Row[] = [
  [
    'at a limit that was observed',
    { ...fin, idleMs: 5_000, known: closesAt5s },
    'closed wait remote full stale_keepalive likely retry',
  ],
  [
    'long after it: a FIN at that limit would have been seen before the write',
    { ...post, ...fin, idleMs: 8_000, known: closesAt5s },
    'closed wait remote full unknown possible no',
  ],
  [
    'at the limit, but 200 ms after the write, by an event loop that polled many times and never waited',
    { ...post, ...fin, idleMs: 5_000, elapsedMs: 200, waitedMs: 0, known: closesAt5s, seen: { polls: 40 } },
    'closed wait remote full peer_aborted possible no',
  ],
  [
    'the same, by one that was blocked',
    { ...post, ...fin, idleMs: 5_000, elapsedMs: 200, waitedMs: 0, known: closesAt5s, seen: { polls: 1 } },
    'closed wait remote full stale_keepalive likely no',
  ],
  [
    'as long after it, and this process was too busy to see the closing',
    { ...post, ...fin, idleMs: 8_000, waitedMs: 0, blindMs: 3_000, known: closesAt5s },
    'closed wait remote full stale_keepalive likely no',
  ],
  [
    'a little younger than that, and older ones succeeded',
    { ...rst, idleMs: 4_930, waitedMs: 1, known: closesAt5s },
    'reset wait remote full rejected possible retry',
  ],
  [
    'above the advised limit, well below the known one',
    { ...rst, idleMs: 4_200, waitedMs: 1, known: closesAt5s },
    'reset wait remote full rejected possible retry',
  ],
  [
    'below what is granted beyond an announced limit, and older ones succeeded',
    {
      ...rst,
      idleMs: 5_300,
      waitedMs: 1,
      known: (o) => {
        o.announced(5_000);
        o.succeeded(NOW - 1_000, 5_900);
      },
    },
    'reset wait remote full rejected possible retry',
  ],
  [
    'hardly idle, and others of all ages are closed',
    { ...rst, idleMs: 20, waitedMs: 0, known: leaves },
    'reset wait remote full rejected possible retry',
  ],
  [
    'the same after a round trip',
    { ...post, ...rst, idleMs: 20, waitedMs: 1, known: leaves },
    'reset wait remote full unknown possible no',
  ],
  [
    'new, and others of all ages are closed',
    { ...rst, idleMs: 'fresh', waitedMs: 1, known: leaves },
    'reset wait remote full peer_restart possible retry',
  ],
  [
    'no younger than another that is closed',
    { ...rst, idleMs: 3_000, waitedMs: 0, known: lets(2_900) },
    'reset wait remote full rejected possible retry',
  ],
  [
    'at a known limit after a round trip, and another is closed for it too',
    {
      ...fin,
      idleMs: 5_010,
      waitedMs: 1,
      known: (o) => {
        closesAt5s(o);
        lets(5_000)(o);
      },
    },
    'closed wait remote full stale_keepalive likely retry',
  ],
  [
    'younger than another that is closed, after a round trip',
    { ...post, ...rst, idleMs: 50, waitedMs: 1, known: lets(2_900) },
    'reset wait remote full rejected possible no',
  ],
  [
    'a connect was refused just now',
    { ...post, ...fin, idleMs: 20, waitedMs: 0, known: refuses },
    'closed wait remote full stale_keepalive possible no',
  ],
  [
    'a connect was refused just now, and another request answered since',
    { ...rst, idleMs: 20, waitedMs: 1, known: refusesSome },
    'reset wait remote full rejected possible retry',
  ],
  [
    'dropped after a round trip, like another before that this peer outlived',
    { ...fin, idleMs: 3_000, waitedMs: 0, known: drops },
    'closed wait remote full rejected possible retry',
  ],
];
