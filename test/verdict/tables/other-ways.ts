import type { Origin } from '../../../src/peer/origin';
import { errorOf, faraway, fin, hangUp, NOW, post, progress, type Row, rst, setUp } from '../scene';

const closesAt5s = (o: Origin) => o.announced(5_000);
/** A POST that was answered 408 after many round trips; the answer's body was cut. */
const cut408 = { ...post, how: 'fin', error: hangUp, elapsedMs: 300, received: 60, status: 408 } as const;

/** What looks like a sign, and is none: something else explains it as well. */
export const OTHER_WAYS: readonly Row[] = [
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'EMFILE', 'EADDRNOTAVAIL'].map(
    (code): Row => [
      `${code} without a system call, from a connector of the program`,
      { ...setUp('connect'), error: errorOf(code) },
      'other connect unknown none unknown possible retry',
    ],
  ),
  [
    'a name that a connector of the program does not know',
    { ...setUp('connect'), error: errorOf('ENOTFOUND') },
    'dns dns unknown none name_not_resolved possible retry',
  ],
  [
    'a name that a look-up of the program does not know',
    { ...setUp('dns'), error: errorOf('ENOTFOUND') },
    'dns dns unknown none name_not_resolved certain retry',
  ],
  [
    'a parser that failed behind HTTP/1.1, on a connection that never answered',
    { idleMs: 'fresh', received: 24, how: 'program', error: errorOf('HPE_INVALID_STATUS') },
    'protocol response remote received unknown possible retry',
  ],
  [
    'a stream of a session that ended before all of its announced body had come',
    { received: 3, status: 200, idleMs: 'shared', error: errorOf('UND_ERR_RES_CONTENT_LENGTH_MISMATCH') },
    'other response unknown received unknown possible retry',
  ],
  [
    'a stream of a session that ends at work, without having been idle',
    { ...post, how: 'fin', error: hangUp, elapsedMs: 6, idleMs: 'shared', known: faraway },
    'closed wait remote undefined unknown possible no',
  ],
  [
    'dead when acquired, by a reset at the age at which the peer closes',
    { ...post, dead: 'reset', idleMs: 5_100, known: (o) => o.announced(5_000), error: errorOf('ECONNRESET') },
    'reset request remote none stale_keepalive likely retry',
  ],
  [
    'a 408 sooner than a round trip, found at once',
    { ...post, received: 60, status: 408, elapsedMs: 8, waitedMs: 0, known: faraway },
    'closed response remote received stale_keepalive possible no',
  ],
  [
    'a 408 sooner than a round trip, found after a wait: the round trip may be shorter than all that was measured',
    { ...post, received: 60, status: 408, elapsedMs: 8, known: faraway },
    'closed response remote received stale_keepalive possible no',
  ],
  [
    'refused while another connection is open',
    { ...setUp('connect'), error: errorOf('ECONNREFUSED', 'connect'), seen: { othersOpen: true } },
    'refused connect remote none not_listening possible retry',
  ],
  [
    'in flight, a connect was refused, while another connection is open',
    { ...fin, ...post, elapsedMs: 900, known: (o) => o.refused(NOW - 300), seen: { othersOpen: true } },
    'closed wait remote full peer_restart possible no',
  ],
  [
    'cancelled while it waited for a connection, and nobody saw how',
    {
      stage: 'queue',
      idleMs: 'none',
      error: hangUp,
      seen: { unsent: true, closing: { how: 'request', initiator: 'local', atMs: NOW, noticedLate: true } },
    },
    'local_abort queue local none client_cancelled possible no',
  ],
  [
    'dead when acquired, after bytes that nobody had asked for',
    { ...post, dead: 'stray' },
    'closed request unknown none stale_keepalive possible retry',
  ],
  [
    'an end sooner than a round trip of another way to the same server',
    { how: 'fin', error: hangUp, elapsedMs: 8, known: faraway, adopted: true },
    'closed wait remote full stale_keepalive possible retry',
  ],
  [
    'a 408 to a request of which the server had all, cut in its body',
    { ...cut408, seen: { request: progress({ ended: true, missingBytes: 0 }) } },
    'truncated response remote received peer_aborted possible no',
  ],
  [
    'a 408 to an upload that was not over, cut in its body',
    { ...cut408, uploading: true, seen: { request: progress({ missingBytes: 9 }) } },
    'truncated response remote received rejected possible no',
  ],
  [
    'the same after the program had stopped writing: the peer has waited for the rest',
    { ...cut408, uploading: true, seen: { request: progress({ missingBytes: 9, quietMs: 290 }) } },
    'truncated response remote received request_incomplete possible no',
  ],
  [
    'a reset after a quiet minute, by a peer that had not closed the connection after 5 s',
    { ...post, ...rst, idleMs: 62_000, known: (o) => o.announced(5_000) },
    'reset wait remote full idle_expired possible no',
  ],
  [
    'a reset sooner than a round trip, which a firewall nearby may have sent',
    { ...rst, elapsedMs: 8, known: faraway },
    'reset wait remote full stale_keepalive possible retry',
  ],
  [
    'the same by a reset, at the age at which the peer closes',
    { ...rst, elapsedMs: 8, idleMs: 5_100, known: (o) => [faraway(o), o.announced(5_000)] },
    'reset wait remote full stale_keepalive likely retry',
  ],
  [
    'the same by a reset that came before the first write, over TLS',
    { ...rst, elapsedMs: 8, secure: true, firstWriteFailed: true, known: faraway },
    'reset wait remote full stale_keepalive possible retry',
  ],
  [
    'at a known limit, faster than a round trip, though not by far',
    {
      ...fin,
      idleMs: 5_010,
      elapsedMs: 30,
      known: (o) => {
        faraway(o);
        closesAt5s(o);
      },
    },
    'closed wait remote full stale_keepalive likely retry',
  ],
  [
    'at a known limit, on a connection to a machine that is farther away than another of that name',
    { ...fin, idleMs: 5_010, elapsedMs: 70, connectMs: 150, known: closesAt5s },
    'closed wait remote full stale_keepalive likely retry',
  ],
  [
    'at an announced limit, but later than a closing that was on its way',
    { ...post, ...fin, idleMs: 5_010, elapsedMs: 8, known: closesAt5s },
    'closed wait remote full stale_keepalive possible no',
  ],
  [
    'at an announced limit to which connections have just lived, as where a program polls at that interval',
    {
      ...post,
      ...fin,
      idleMs: 5_010,
      elapsedMs: 1,
      known: (o) => {
        closesAt5s(o);
        o.succeeded(NOW - 5_100, 4_990);
      },
    },
    'closed wait remote full stale_keepalive possible no',
  ],
];
