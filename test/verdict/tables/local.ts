import { hangUp, NOW, type Row } from '../scene';

const aborted = (cause: unknown) =>
  Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR', cause });
const deadline = aborted(Object.assign(new Error('deadline'), { name: 'TimeoutError' }));
/** Our own process ended it. */
export const LOCAL: readonly Row[] = [
  [
    'destroyed in the queue',
    { stage: 'queue', idleMs: 'none', how: 'request', error: hangUp },
    'local_abort queue local none client_cancelled certain no',
  ],
  [
    'a deadline in the queue',
    { stage: 'queue', idleMs: 'none', how: 'request', error: deadline },
    'local_timeout queue local none client_timeout certain retry',
  ],
  [
    'cancelled while connecting',
    { stage: 'connect', idleMs: 'fresh', how: 'request', error: aborted(undefined) },
    'local_abort connect local none client_cancelled certain no',
  ],
  [
    'req.destroy() while it waits',
    { how: 'request', error: hangUp },
    'local_abort wait local full client_cancelled certain no',
  ],
  [
    'an abandoned response body',
    { how: 'request', received: 900, error: undefined },
    'local_abort response local received client_cancelled possible no',
  ],
  [
    'an AbortSignal',
    { how: 'request', error: aborted(undefined) },
    'local_abort wait local full client_cancelled certain no',
  ],
  [
    "an answer that undici's retry cannot use",
    { how: 'request', received: 900, error: Object.assign(new Error('no range'), { code: 'UND_ERR_REQ_RETRY' }) },
    'local_abort response local received client_cancelled possible no',
  ],
  [
    'an AbortSignal.timeout',
    { how: 'request', elapsedMs: 5_000, error: deadline },
    'local_timeout wait local full client_timeout certain retry',
  ],
  [
    "the 'timeout' event, then req.destroy()",
    { how: 'request', timedOut: true, elapsedMs: 800, error: hangUp },
    'local_timeout wait local full client_timeout certain retry',
  ],
  [
    "the 'timeout' event, and a moment later req.destroy(), for whatever reason",
    { how: 'request', timedOut: true, isAfterwards: true, elapsedMs: 800, error: hangUp },
    'local_timeout wait local full client_timeout possible retry',
  ],
  [
    'the first, in the middle of the response',
    { how: 'timer', received: 900, elapsedMs: 800, error: hangUp },
    'local_timeout response local received client_timeout certain retry',
  ],
  [
    'a timeout during an upload',
    { method: 'POST', how: 'timer', uploading: true, elapsedMs: 800, error: hangUp },
    'local_timeout request local partial client_timeout certain no',
  ],
  [
    'the deadline of a signal during an upload',
    { method: 'POST', how: 'request', uploading: true, elapsedMs: 800, error: deadline },
    'local_timeout request local partial client_timeout certain no',
  ],
  [
    'a timeout before anything was written',
    { method: 'POST', how: 'timer', unwritten: true, elapsedMs: 800, error: hangUp },
    'local_timeout request local none client_timeout certain retry',
  ],
  [
    'a timer that fired, and then a FIN',
    { how: 'fin', timedOut: true, elapsedMs: 800, error: hangUp },
    'closed wait remote full peer_aborted possible retry',
  ],
  ['agent.destroy()', { how: 'agent', error: hangUp }, 'local_close wait local full pool_closed certain retry'],
  [
    'socket.destroy() by the program',
    { how: 'program', error: hangUp },
    'local_abort wait local full client_cancelled certain no',
  ],
  [
    'a silent path: a fresh connection is answered since, and no reuse was as old',
    {
      idleMs: 300_000,
      how: 'timer',
      elapsedMs: 5_000,
      error: hangUp,
      known: (o) => o.succeeded(NOW - 1_000, undefined),
    },
    'local_timeout wait local full idle_expired possible retry',
  ],
  [
    'the same on a connection that was hardly idle: no path forgets so soon',
    {
      idleMs: 60,
      how: 'timer',
      elapsedMs: 5_000,
      error: hangUp,
      known: (o) => o.succeeded(NOW - 1_000, undefined),
    },
    'local_timeout wait local full client_timeout certain retry',
  ],
  [
    'a slow server: nobody is answered',
    {
      idleMs: 300_000,
      how: 'timer',
      elapsedMs: 5_000,
      error: hangUp,
      known: (o) => o.succeeded(NOW - 9_000, undefined),
    },
    'local_timeout wait local full client_timeout certain retry',
  ],
  [
    'a slow server: reuse at that age succeeded',
    {
      idleMs: 300_000,
      how: 'timer',
      elapsedMs: 5_000,
      error: hangUp,
      known: (o) => {
        o.succeeded(NOW - 1_000, undefined);
        o.succeeded(NOW - 1_000, 400_000);
      },
    },
    'local_timeout wait local full client_timeout certain retry',
  ],
];
