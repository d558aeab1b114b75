import type { Origin } from '../../../src/peer/origin';
import { fin, fresh, late, NOW, post, type Row, rst } from '../scene';

const cut = (o: Origin, atMs: number, elapsedMs: number, connectionMs: number | undefined = NOW - atMs) =>
  o.closedInFlight({ atMs, elapsedMs, silentMs: elapsedMs, connectionId: undefined, connectionMs }, true);
/** In-flight closings of other moments, at irregular intervals, after `elapsedMs`. */
const endedAfter = (count: number, elapsedMs: number, connectionMs?: number) => (o: Origin) => {
  for (let i = count; i > 0; i--) cut(o, NOW - i * 60_000 - ((i * i) % 3) * 13_000, elapsedMs, connectionMs);
};
/** The same, each minute. */
const endedEachMinute = (o: Origin) => {
  for (let i = 5; i > 0; i--) cut(o, NOW - i * 60_000, 1_990);
};
/** An idle connection ended with each of them. */
const crashedAfter = (count: number, elapsedMs: number) => (o: Origin) => {
  for (let i = count; i > 0; i--) {
    cut(o, NOW - i * 60_000, elapsedMs);
    o.closedIdle({ lateMs: 0, atMs: NOW - i * 60_000 + 3, idleMs: 700 * i, uses: 3, ageMs: undefined });
  }
};

/** It closes idle connections after 5 s. */
const observes5s = (o: Origin) => {
  for (const hours of [2, 1])
    o.closedIdle({ lateMs: 0, atMs: NOW - hours * 3_600_000, idleMs: 5_000, uses: 2, ageMs: undefined });
};

/** The peer ended requests after the same time, again and again. */
export const TIME_LIMITS: readonly Row[] = [
  [
    'in flight for as long as one before',
    { ...fin, ...late, known: endedAfter(1, 2_010) },
    'closed wait remote full response_timeout possible retry',
  ],
  [
    'in flight for as long as four before',
    { ...fin, ...late, known: endedAfter(4, 1_990) },
    'closed wait remote full response_timeout likely retry',
  ],
  [
    'the same, noticed by a process that had been busy, perhaps always for as long',
    { ...fin, ...late, known: endedAfter(4, 1_990), seen: { blindMs: 1_500 } },
    'closed wait remote full peer_aborted possible retry',
  ],
  [
    'the same at regular intervals: perhaps a peer that restarts by a timer, asked again as soon as it was gone',
    { ...fin, ...late, known: endedEachMinute },
    'closed wait remote full response_timeout possible retry',
  ],
  [
    'the same on fresh connections only: perhaps a limit on those, which holds them for a while',
    { ...fin, ...late, ...fresh, known: endedAfter(5, 1_990, 1_990) },
    'closed wait remote full response_timeout possible retry',
  ],
  [
    'the same on connections of one age: perhaps a limit on that',
    { ...fin, ...late, idleMs: 700, bornMs: 1_000, known: endedAfter(7, 1_990, 2_990) },
    'closed wait remote full response_timeout possible retry',
  ],
  [
    'on a fresh connection, where earlier ones were reused',
    { ...fin, ...late, ...fresh, known: endedAfter(5, 1_990) },
    'closed wait remote full response_timeout likely retry',
  ],
  [
    'the same by RST, which may answer what TCP itself sends',
    { ...rst, ...late, known: endedAfter(4, 1_990) },
    'reset wait remote full response_timeout possible retry',
  ],
  [
    'in flight for as long as four before, with each of which an idle connection ended',
    { ...fin, ...late, known: crashedAfter(4, 1_990) },
    'closed wait remote full response_timeout possible retry',
  ],
  [
    'in flight for as long as four before, most of it for an upload of one size at one speed',
    { ...post, ...fin, ...late, uploadMs: 1_800, known: endedAfter(4, 1_990) },
    'closed wait remote full response_timeout possible no',
  ],
  [
    'the same, as soon as the upload was over',
    { ...post, ...fin, ...late, uploadMs: 1_980, known: endedAfter(4, 1_990) },
    'closed wait remote full peer_aborted possible no',
  ],
  [
    'in flight, 3 % longer than four before',
    { ...fin, ...late, known: endedAfter(4, 1_930) },
    'closed wait remote full peer_aborted possible retry',
  ],
  [
    'a reset when the peer is known to end idle connections: it had stopped reading, as Envoy does',
    { ...post, ...rst, idleMs: 4_400, elapsedMs: 600, known: observes5s },
    'reset wait remote full stale_keepalive possible no',
  ],
  [
    'a reset sooner than that',
    { ...post, ...rst, idleMs: 4_400, elapsedMs: 300, known: observes5s },
    'reset wait remote full peer_aborted possible no',
  ],
  [
    'a FIN at that time',
    { ...post, ...fin, idleMs: 4_400, elapsedMs: 600, known: observes5s },
    'closed wait remote full peer_aborted possible no',
  ],
];
