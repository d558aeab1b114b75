import fc from 'fast-check';
import { type ErrorPlan, errorPlan } from './errors';
import { FATES, type Fate } from './kernel';

/** What undici, a server, a network or another library may do, in any order. */
const DEEDS = [
  'create',
  'dial',
  'look up',
  'connect',
  'secure',
  'report connected',
  'report connect error',
  'begin',
  'send',
  'send unreported',
  'send elsewhere',
  'report headers sent',
  'report body sent',
  'answer',
  'complete',
  'abort',
  'fail',
  'fail with the error of the socket',
  'fate',
  'count refused',
  'flush',
  'read',
  'FIN',
  'RST',
  'destroy socket',
  'toggle',
  'tick',
  'microtask',
] as const;
/** Without these hardly a sequence gets anywhere. */
const USUAL: readonly (typeof DEEDS)[number][] = [
  'dial',
  'connect',
  'secure',
  'report connected',
  'send',
  'fail',
  'tick',
];

export interface UndiciStep {
  readonly what: (typeof DEEDS)[number];
  /** The request or the socket that it is done to: the number is taken modulo how many there are. */
  readonly which: number;
  /** The socket, where a step needs both. */
  readonly on: number;
  readonly method: string;
  readonly error: ErrorPlan | undefined;
  readonly fate: Fate;
  readonly status: number;
}

export const undiciSteps: fc.Arbitrary<UndiciStep[]> = fc.array(
  fc.record({
    what: fc.oneof(fc.constantFrom(...DEEDS), fc.constantFrom(...USUAL)),
    which: fc.nat(5),
    on: fc.nat(5),
    method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'CONNECT'),
    error: errorPlan,
    fate: fc.constantFrom('delivered', ...FATES),
    status: fc.constantFrom(100, 103, 101, 200, 413, 503),
  }),
  { minLength: 4, maxLength: 24 },
);
