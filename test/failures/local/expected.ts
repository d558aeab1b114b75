import type { Expected } from '../../support/verdict';

export const DEADLINE: Expected = {
  kind: 'local_timeout',
  phase: 'wait',
  cause: 'client_timeout',
  confidence: 'certain',
  initiator: 'local',
  sent: 'full',
  retrySafe: true,
};
export const CANCELLED: Expected = { ...DEADLINE, kind: 'local_abort', cause: 'client_cancelled', retrySafe: false };
export const ANSWERED = { phase: 'response', sent: 'received', status: 'any' } as const;
