import type { Origin } from '../../../src/peer/origin';
import { errorOf, fin, fresh, late, NOW, post, progress, type Row, rst } from '../scene';

const answers = (o: Origin) => o.succeeded(NOW - 1_000, undefined);
/** The program was still writing, without a pause. */
const flowing = { uploading: true, seen: { request: progress({}) } } as const;
/** A peer that is known for long, and hardly ever ends a connection. */
const calm = (o: Origin) => o.connected(NOW - 250_000, 0.1);
const cut = (o: Origin, atMs: number, elapsedMs: number) =>
  o.closedInFlight({ atMs, elapsedMs, silentMs: elapsedMs, connectionId: undefined, connectionMs: NOW - atMs }, true);
/** Two others that were cut in this moment, at other ages. */
const cutTogether = (o: Origin) => {
  calm(o);
  for (const ms of [300, 900]) cut(o, NOW - 5, ms);
};

/** The peer ended a request that was under way, or a connection that was new. */
export const IN_FLIGHT: readonly Row[] = [
  ['in flight', { ...fin, ...late }, 'closed wait remote full peer_aborted possible retry'],
  ['in flight, by RST, a POST', { ...post, ...rst, ...late }, 'reset wait remote full peer_aborted possible no'],
  [
    'ended by the kernel of this machine',
    { ...post, ...late, how: 'reset', error: errorOf('ECONNABORTED', 'read') },
    'reset wait unknown full unknown possible no',
  ],
  [
    'in flight, with two others of other ages, which a firewall that lost its state ends, too',
    { ...fin, ...late, known: cutTogether },
    'closed wait remote full peer_restart possible retry',
  ],
  [
    'the same after a stall, during which they may have ended one after the other',
    { ...fin, ...late, known: cutTogether, seen: { blindMs: 60_000 } },
    'closed wait remote full peer_aborted possible retry',
  ],
  [
    'in flight on a fresh connection',
    { ...fresh, ...fin, ...late },
    'closed wait remote full peer_aborted possible retry',
  ],
  [
    'a reset during a long upload on a reused connection',
    { ...post, ...rst, ...late, ...flowing, known: answers },
    'reset request remote partial rejected possible no',
  ],
  [
    'a reset during an upload on a fresh connection',
    { ...post, ...fresh, ...rst, ...late, ...flowing, known: answers },
    'reset request remote partial rejected possible no',
  ],

  [
    'fresh, dropped at once, while others succeed',
    { ...fresh, ...fin, known: answers },
    'closed wait remote full rejected possible retry',
  ],
  [
    'fresh, dropped at once, and nobody was ever answered',
    { ...fresh, ...fin },
    'closed wait remote full unknown possible retry',
  ],
  [
    'a stream that is not a socket of Node',
    { ...post, idleMs: 'none', uploading: true, error: errorOf('ECONNRESET', 'read') },
    'reset request remote partial unknown possible no',
  ],
  [
    'an error that says nothing about the connection',
    { unwritten: true, error: new Error('oops') },
    'other request unknown none unknown possible retry',
  ],
];
