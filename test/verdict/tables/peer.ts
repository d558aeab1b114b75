import type { Origin } from '../../../src/peer/origin';
import { errorOf, faraway, fin, fresh, NOW, post, progress, type Row, rst } from '../scene';

const closesAt5s = (o: Origin) => o.announced(5_000);
const slowAndClosesAt5s = (o: Origin) => [closesAt5s(o), o.succeeded(NOW - 60_000, undefined, 1_500)];
const retiresAt100 = (o: Origin) => {
  for (const [i, idleMs] of [500, 9_000, 70_000].entries())
    o.closedIdle({ lateMs: 0, atMs: i * 5_000, idleMs, uses: 100, ageMs: undefined });
  // Idleness is not why: others were idle for longer.
  o.succeeded(NOW - 2_000, 80_000);
};

/** The connection was gone, answered, or closed about when the request left. */
export const PEER: readonly Row[] = [
  [
    'dead when acquired, by the FIN of the peer',
    { ...post, dead: 'fin', error: errorOf('ECONNRESET') },
    'closed request remote none stale_keepalive certain retry',
  ],
  [
    'dead when acquired, by the RST of the peer',
    { ...post, dead: 'reset', error: errorOf('ECONNRESET') },
    'reset request remote none stale_keepalive possible retry',
  ],
  [
    'dead when acquired, by the read guard',
    { ...post, dead: 'guard', secure: true },
    'closed request remote none stale_keepalive certain retry',
  ],
  [
    'dead when acquired, by our own timer',
    { ...post, dead: 'timer', error: errorOf('ECONNRESET') },
    'local_close request local none pool_closed certain retry',
  ],
  [
    'dead when acquired, by our own program',
    { ...post, dead: 'program' },
    'local_close request local none pool_closed certain retry',
  ],
  [
    'dead when acquired, and nobody saw why',
    { ...post, dead: 'unseen' },
    'closed request unknown none stale_keepalive possible retry',
  ],
  [
    'dead when acquired, after probes that nobody answered',
    { ...post, dead: 'lost' },
    'timed_out request unknown none unknown possible retry',
  ],

  [
    'garbage',
    { received: 40, how: 'program', error: errorOf('HPE_INVALID_CONSTANT') },
    'protocol response remote received unknown possible retry',
  ],
  [
    'an early 413, then a reset',
    { ...post, ...rst, uploading: true, received: 90, status: 413, seen: { request: progress({ queued: true }) } },
    'truncated response remote received rejected likely no',
  ],
  [
    'a body cut by FIN',
    { how: 'fin', received: 900, status: 200 },
    'truncated response remote received peer_aborted possible retry',
  ],
  [
    'a body cut by RST',
    { ...post, ...rst, received: 900, status: 200 },
    'truncated response remote received peer_aborted possible no',
  ],
  [
    'a RST after a whole response that was not read yet',
    { ...post, ...rst, received: 900, status: 200, seen: { responseComplete: true } },
    'reset response remote received unknown possible no',
  ],
  [
    'a body cut on an idle age beyond the limit is still not stale',
    { ...fin, idleMs: 6_000, received: 1, known: closesAt5s },
    'truncated response remote received peer_aborted possible retry',
  ],
  [
    'a 408 before the request can have been seen',
    { ...post, received: 60, status: 408 },
    'closed response remote received stale_keepalive possible no',
  ],

  [
    'the first write is refused',
    { ...post, uploading: true, firstWriteFailed: true, how: 'reset', error: errorOf('EPIPE', 'write') },
    'broken_pipe request remote none stale_keepalive likely retry',
  ],
  [
    'the same on TLS, where it does not prove that nothing was sent',
    { ...post, secure: true, uploading: true, firstWriteFailed: true, how: 'reset', error: errorOf('EPIPE', 'write') },
    'broken_pipe request remote partial stale_keepalive likely no',
  ],
  [
    'nothing was dispatched',
    { ...post, ...fin, dispatched: 0, uploading: true },
    'closed request remote none stale_keepalive likely retry',
  ],
  [
    'closed before the program wrote',
    { ...post, ...fin, unwritten: true },
    'closed request remote none stale_keepalive likely retry',
  ],
  [
    'reused, soon, beyond the announced limit',
    { ...fin, idleMs: 5_100, known: closesAt5s },
    'closed wait remote full stale_keepalive likely retry',
  ],
  [
    'as soon, but between what the peer announces and what it may grant',
    { ...fin, idleMs: 5_500, known: closesAt5s },
    'closed wait remote full stale_keepalive possible retry',
  ],
  [
    'after the second more that a server of Node grants',
    { ...fin, idleMs: 6_010, known: closesAt5s },
    'closed wait remote full stale_keepalive likely retry',
  ],
  [
    'the same after two seconds, although all answers are slow',
    { ...post, ...fin, idleMs: 5_000, elapsedMs: 2_000, known: slowAndClosesAt5s },
    'closed wait remote full peer_aborted possible no',
  ],
  [
    'beyond the announced limit, of a peer that dropped a request just before',
    {
      ...fin,
      idleMs: 5_100,
      known: (o) => {
        closesAt5s(o);
        o.droppedFreshMs = NOW - 10_000;
      },
    },
    'closed wait remote full stale_keepalive possible retry',
  ],
  [
    'the same as a POST',
    { ...post, ...rst, idleMs: 5_100, known: closesAt5s },
    'reset wait remote full stale_keepalive likely no',
  ],
  [
    'reused, faster than a round trip',
    { ...fin, elapsedMs: 8, known: faraway },
    'closed wait remote full stale_keepalive possible retry',
  ],
  [
    'reused, soon, older than any reuse that succeeded',
    { ...fin, waitedMs: 1 },
    'closed wait remote full stale_keepalive possible retry',
  ],
  [
    'half a second of our own stall is not the time of the peer',
    { ...fin, elapsedMs: 500, waitedMs: 0 },
    'closed wait remote full stale_keepalive possible retry',
  ],
  [
    'reused, after a round trip, younger than reuses that succeeded',
    { ...fin, waitedMs: 1, known: (o) => o.succeeded(NOW - 1_000, 9_000) },
    'closed wait remote full rejected possible retry',
  ],
  [
    'the same, and nobody was answered lately',
    { ...fin, waitedMs: 1, known: (o) => o.succeeded(NOW - 70_000, 9_000) },
    'closed wait remote full unknown possible retry',
  ],
  ['long idle and reset', { ...rst, idleMs: 400_000 }, 'reset wait remote full idle_expired possible retry'],
  [
    'long idle and reset, by a peer whose announced timeout this connection outlived',
    { ...rst, idleMs: 400_000, known: closesAt5s },
    'reset wait remote full idle_expired possible retry',
  ],
  [
    'long idle and no answer for minutes',
    { idleMs: 400_000, elapsedMs: 900_000, how: 'lost', error: errorOf('ETIMEDOUT', 'read') },
    'timed_out wait unknown full idle_expired possible retry',
  ],
  [
    'no answer for minutes on a fresh connection',
    { ...fresh, elapsedMs: 900_000, how: 'lost', error: errorOf('ETIMEDOUT', 'read') },
    'timed_out wait unknown full unknown possible retry',
  ],
  [
    'the count at which others were closed',
    { ...fin, uses: 100, known: retiresAt100 },
    'closed wait remote full recycled possible retry',
  ],
];
