import type { Origin } from '../../../src/peer/origin';
import { errorOf, fin, NOW, post, progress, type Row, rst } from '../scene';

const put = { method: 'PUT' } as const;
const late = { elapsedMs: 450 } as const;
const answers = (o: Origin) => o.succeeded(NOW - 1_000, undefined);
const endedAfter = (elapsedMs: number) => (o: Origin) => {
  for (let i = 5; i > 0; i--)
    o.closedInFlight(
      { atMs: NOW - i * 60_000, elapsedMs, silentMs: elapsedMs, connectionId: i, connectionMs: i * 60_000 },
      true,
    );
};

/** A request that this process never finished. */
export const UNFINISHED: readonly Row[] = [
  [
    'a body whose source fails',
    {
      ...put,
      ...late,
      how: 'request',
      uploading: true,
      error: errorOf('EIO', 'read'),
      seen: { request: progress({ abandoned: true }) },
    },
    'other request local partial request_incomplete certain retry',
  ],
  [
    'a deadline, perhaps of its source',
    { ...put, ...late, how: 'request', uploading: true, error: errorOf('ETIMEDOUT'), seen: { request: progress({}) } },
    'local_timeout request local partial client_timeout possible retry',
  ],
  [
    'a body whose source is missing while it connects',
    {
      ...put,
      stage: 'connect',
      idleMs: 'fresh',
      how: 'request',
      error: errorOf('ENOENT', 'open'),
      seen: { request: progress({}) },
    },
    'other request local none request_incomplete certain retry',
  ],
  [
    'a body whose source is a socket that its own peer reset',
    {
      ...post,
      ...late,
      how: 'request',
      uploading: true,
      error: errorOf('ECONNRESET', 'read'),
      seen: { request: progress({ abandoned: true }) },
    },
    'other request local partial request_incomplete certain no',
  ],
  [
    "undici's length mismatch, although undici had taken all of it",
    { ...post, how: 'request', error: errorOf('UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') },
    'other request local partial request_incomplete certain no',
  ],
  [
    'an abort in the middle of an upload',
    {
      ...post,
      how: 'request',
      uploading: true,
      error: Object.assign(new Error('x'), { name: 'AbortError' }),
      seen: { request: progress({ abandoned: true }) },
    },
    'local_abort request local partial client_cancelled possible no',
  ],
  [
    'a body that is shorter than its Content-Length, and a peer that hangs up',
    { ...post, ...fin, ...late, seen: { request: progress({ ended: true, missingBytes: 45 }) } },
    'closed request remote partial request_incomplete likely no',
  ],
  [
    'the same again and again: that is no time limit',
    {
      ...post,
      ...fin,
      ...late,
      known: endedAfter(450),
      seen: { request: progress({ ended: true, missingBytes: 45 }) },
    },
    'closed request remote partial request_incomplete likely no',
  ],
  [
    'a body that is longer than its Content-Length',
    { ...post, ...rst, ...late, seen: { request: progress({ ended: true, missingBytes: -4 }) } },
    'reset wait remote full request_incomplete possible no',
  ],
  [
    'a request that the program never ends',
    { ...post, ...fin, ...late, uploading: true, known: answers, seen: { request: progress({ quietMs: 440 }) } },
    'closed request remote partial request_incomplete possible no',
  ],
  [
    'a reset while bytes are flowing as slowly as before',
    {
      ...post,
      ...rst,
      ...late,
      uploading: true,
      longestGapMs: 200,
      known: answers,
      seen: { request: progress({ quietMs: 440 }) },
    },
    'reset request remote partial rejected possible no',
  ],
  [
    'all that its Content-Length announces, before the program ends it',
    { ...post, ...fin, ...late, known: answers, seen: { request: progress({ missingBytes: 0, quietMs: 440 }) } },
    'closed wait remote full peer_aborted possible no',
  ],
  [
    'the same, answered 500 and cut',
    {
      ...post,
      ...fin,
      ...late,
      received: 80,
      status: 500,
      seen: { request: progress({ missingBytes: 0, quietMs: 440 }) },
    },
    'truncated response remote received peer_aborted possible no',
  ],
  [
    'a reset while bytes are flowing',
    { ...post, ...rst, ...late, uploading: true, known: answers, seen: { request: progress({}) } },
    'reset request remote partial rejected possible no',
  ],
  [
    'an early answer to an upload that stopped for it',
    {
      ...post,
      ...rst,
      ...late,
      uploading: true,
      received: 80,
      status: 401,
      seen: { request: progress({ quietMs: 60 }) },
    },
    'truncated response remote received rejected likely no',
  ],
  [
    'a stale connection that a request met before it was finished',
    {
      ...post,
      ...fin,
      idleMs: 5_100,
      uploading: true,
      known: (o) => o.announced(5_000),
      seen: { request: progress({ quietMs: 2 }) },
    },
    'closed request remote partial stale_keepalive likely no',
  ],
];
