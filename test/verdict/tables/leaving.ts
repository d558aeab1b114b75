import type { Origin } from '../../../src/peer/origin';
import { fin, late, NOW, post, type Row, rst } from '../scene';
import { leaves, refuses, refusesSome } from './crowd';

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
    'in flight, and a connect was refused: a limit on connections would do so, too',
    { ...fin, ...late, idleMs: 'fresh', known: refuses },
    'closed wait remote full peer_restart possible retry',
  ],
  [
    'in flight, and connects are refused, but the connections that there are serve answers',
    { ...fin, ...late, idleMs: 'fresh', known: limits },
    'closed wait remote full peer_aborted possible retry',
  ],
  [
    'a response that is cut, and a connect was refused',
    { ...fin, ...late, received: 700, status: 200, known: refuses },
    'truncated response remote received peer_restart possible retry',
  ],
  [
    'an upload that is cut, and idle connections of all ages are closed',
    { ...post, ...rst, ...late, uploading: true, known: leaves },
    'reset request remote partial peer_restart possible no',
  ],
];
