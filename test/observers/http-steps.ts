import fc from 'fast-check';
import { type ErrorPlan, errorPlan } from './errors';
import { FATES, type Fate } from './kernel';

/** What the server may say. */
export const ANSWERS = {
  whole: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  last: 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
  part: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart',
  more: '12345',
  early: 'HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n',
  interim: 'HTTP/1.1 100 Continue\r\n\r\n',
  upgrade: 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
  garbage: '\x15\x03\x01',
} as const;
type Answer = keyof typeof ANSWERS;
const ANSWER_NAMES = Object.keys(ANSWERS) as Answer[];

/** What a program, a server, a network or another library may do, in any order. */
const DEEDS = [
  'open',
  'finish request',
  'destroy request',
  'destroy response',
  'publish error',
  'publish response',
  'other socket',
  'look up',
  'connect',
  'secure',
  'refuse certificate',
  'fate',
  'count refused',
  'flush',
  'answer',
  'FIN',
  'RST',
  'destroy socket',
  'time out',
  'repeat event',
  'drop listeners',
  'toggle',
  'tick',
  'microtask',
] as const;
/** Without these hardly a sequence gets anywhere. */
const USUAL: readonly (typeof DEEDS)[number][] = ['open', 'connect', 'secure', 'tick', 'tick', 'answer', 'fate'];
const EVENTS = ['lookup', 'connect', 'ready', 'secureConnect', 'timeout', 'end', 'free'] as const;

export interface HttpStep {
  readonly what: (typeof DEEDS)[number];
  /** The request or the socket that it is done to: the number is taken modulo how many there are. */
  readonly which: number;
  readonly method: string;
  readonly part: 'whole' | 'head' | 'piece';
  readonly error: ErrorPlan | undefined;
  readonly fate: Fate;
  readonly answer: Answer;
  readonly event: (typeof EVENTS)[number];
}

export const httpSteps: fc.Arbitrary<HttpStep[]> = fc.array(
  fc.record({
    what: fc.oneof(fc.constantFrom(...DEEDS), fc.constantFrom(...USUAL)),
    which: fc.nat(5),
    method: fc.constantFrom('POST', 'POST', 'POST', 'GET'),
    part: fc.constantFrom('whole', 'whole', 'head', 'piece'),
    error: errorPlan,
    fate: fc.constantFrom('delivered', ...FATES),
    answer: fc.constantFrom(...ANSWER_NAMES),
    event: fc.constantFrom(...EVENTS),
  }),
  { minLength: 3, maxLength: 20 },
);
