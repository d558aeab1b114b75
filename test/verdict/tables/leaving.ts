import type { Origin } from '../../../src/peer/origin';
import { fin, late, NOW, post, type Row, rst } from '../scene';
import { answers, leaves, refuses, refusesSome } from './crowd';

/** It has just begun to refuse connects. */
const goesAway = (o: Origin) => {
  answers(o);
  o.refused(NOW - 20);
};
/** Requests ended so long ago, after such times, once a connect had been refused. */
const ended = (o: Origin, ...ends: readonly (readonly [agoMs: number, elapsedMs: number])[]) => {
  goesAway(o);
  for (const [i, [agoMs, elapsedMs]] of ends.entries())
    o.closedInFlight({ atMs: NOW - agoMs, elapsedMs, silentMs: elapsedMs, connectionId: 100 + i }, false);
};
/** Again and again, and answers in between on the connections that it has. */
const limits = (o: Origin) => {
  refusesSome(o);
  o.refused(NOW - 50);
};

/** What refused connects and other ends of the moment make of an end in flight. */
export const LEAVING: readonly Row[] = [
  [
    'in flight, and idle connections of all ages are closed',
    { ...post, ...fin, ...late, known: leaves },
    'closed wait remote full peer_restart possible no',
  ],
  [
    'in flight, and a connect was refused in this moment',
    { ...fin, ...late, idleMs: 'fresh', known: goesAway },
    'closed wait remote full peer_restart likely retry',
  ],
  [
    'in flight, and a connect was refused a while ago: a limit on connections, and a handler',
    { ...fin, ...late, idleMs: 'fresh', known: refuses },
    'closed wait remote full peer_restart possible retry',
  ],
  [
    'in flight, and connects are refused, but the connections that there are serve answers',
    { ...fin, ...late, idleMs: 'fresh', known: limits },
    'closed wait remote full peer_aborted possible retry',
  ],
  [
    'in flight, a connect was refused, and others ended in this moment, after other times',
    { ...fin, ...late, idleMs: 'fresh', known: (o) => ended(o, [5, 700], [3, 2_000]) },
    'closed wait remote full peer_restart likely retry',
  ],
  [
    'in flight, a connect was refused, and another ended in this moment after the same time: a limit and a handler',
    { ...fin, ...late, idleMs: 'fresh', known: (o) => ended(o, [5, 2_000]) },
    'closed wait remote full peer_restart possible retry',
  ],
  [
    'in flight, a connect was refused, and another ended some time before this one',
    { ...fin, ...late, idleMs: 'fresh', known: (o) => ended(o, [300, 700]) },
    'closed wait remote full peer_restart possible retry',
  ],
  [
    'a response that is cut, and a connect was refused',
    { ...fin, ...late, received: 700, status: 200, known: goesAway },
    'truncated response remote received peer_restart likely retry',
  ],
  [
    'an upload that is cut, and idle connections of all ages are closed',
    { ...post, ...rst, ...late, uploading: true, known: leaves },
    'reset request remote partial peer_restart possible no',
  ],
];
