import { setTimeout as sleep } from 'node:timers/promises';
import type { FailureCause, FailureConfidence, FailureSent } from 'opentelemetry-instrumentation-socket';
import type { Client } from './client';
import type { Action } from './messages';

/** The expected result of a scenario. The demo checks it and never prints it. */
export interface Expected {
  readonly call: string;
  /** Absent: the request succeeds. */
  readonly failure?: {
    /** What the upstream must have done; absent where there is no upstream. */
    readonly action?: Action;
    /** Several where the cause depends on what else was seen when the request failed. */
    readonly cause: FailureCause | readonly FailureCause[];
    readonly confidence: readonly FailureConfidence[];
    readonly sent: FailureSent;
    readonly retrySafe: boolean;
  };
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface Scenario {
  readonly title: string;
  /** What really happens. */
  readonly story: string;
  readonly expected: readonly Expected[];
  /** Runs in the client application. */
  readonly play: (client: Client) => Promise<unknown>;
}

const stale = { cause: 'stale_keepalive', confidence: ['likely', 'certain'] } as const;
/** A single end in flight is `peer_aborted`; with others in the same moment it is a restart. */
const restart = {
  action: 'killed',
  cause: ['peer_restart', 'peer_aborted'],
  confidence: ['possible', 'likely'],
  sent: 'full',
} as const;

export const scenarios: readonly Scenario[] = [
  {
    title: 'Healthy reuse',
    story: 'Two requests to orders, one after the other, on one connection.',
    expected: [{ call: '/healthy/again', attributes: { 'socket.reused': true } }],
    async play({ get }) {
      await get('orders', '/healthy/first');
      await get('orders', '/healthy/again');
    },
  },
  {
    title: 'A near miss',
    story:
      'orders closes idle connections after 2 s and announces it. This request comes after 1.5 s and just succeeds.',
    expected: [{ call: '/near-miss/late', attributes: { 'socket.near_miss': true, 'socket.timeout_mismatch': true } }],
    async play({ get }) {
      await get('orders', '/near-miss/first');
      await sleep(1_500);
      await get('orders', '/near-miss/late');
    },
  },
  {
    title: 'Stale keep-alive, everything sent',
    story: 'orders closes two idle connections (FIN). The client is busy, does not notice and uses them again.',
    expected: [
      { call: '/stale-fin/get', failure: { ...stale, action: 'idle-fin', sent: 'full', retrySafe: true } },
      { call: '/stale-fin/post', failure: { ...stale, action: 'idle-fin', sent: 'full', retrySafe: false } },
    ],
    async play({ get, post, idleUntilClosed }) {
      await Promise.all([get('orders', '/stale-fin/1'), get('orders', '/stale-fin/2')]);
      await idleUntilClosed('/stale-fin/1', '/stale-fin/2');
      await Promise.all([get('orders', '/stale-fin/get'), post('orders', '/stale-fin/post')]);
    },
  },
  {
    title: 'Stale keep-alive, nothing sent',
    story: 'The same, but orders closes with a reset (RST): the kernel does not accept another byte.',
    expected: [
      { call: '/stale-rst/get', failure: { ...stale, action: 'idle-rst', sent: 'none', retrySafe: true } },
      { call: '/stale-rst/post', failure: { ...stale, action: 'idle-rst', sent: 'none', retrySafe: true } },
    ],
    async play({ get, post, idleUntilClosed }) {
      await Promise.all([get('orders', '/stale-rst/1'), get('orders', '/stale-rst/2')]);
      await idleUntilClosed('/stale-rst/1', '/stale-rst/2');
      await Promise.all([get('orders', '/stale-rst/get'), post('orders', '/stale-rst/post')]);
    },
  },
  {
    title: 'A restart with requests in flight',
    story: 'inventory is killed while it works on two GETs and a POST; a new process replaces it.',
    expected: [
      { call: '/restart/get-1', failure: { ...restart, retrySafe: true } },
      { call: '/restart/post', failure: { ...restart, retrySafe: false } },
      { call: '/restart/get-2', failure: { ...restart, retrySafe: true } },
    ],
    async play({ get, post }) {
      const first = get('inventory', '/restart/get-1');
      await sleep(100);
      const second = post('inventory', '/restart/post');
      await sleep(100);
      await Promise.all([first, second, get('inventory', '/restart/get-2')]);
    },
  },
  {
    title: 'A path that forgets the idle connection',
    story: 'Something before warehouse forgets connections that were idle for 1.5 s: no FIN, no RST, silence.',
    expected: [
      {
        call: '/path/silent',
        failure: {
          action: 'forgotten',
          cause: 'idle_expired',
          confidence: ['possible'],
          sent: 'full',
          retrySafe: true,
        },
      },
    ],
    async play({ get, idleUntilClosed }) {
      await get('warehouse', '/path/first');
      await get('warehouse', '/path/again');
      await idleUntilClosed('/path/again');
      await Promise.all([get('warehouse', '/path/silent', { timeoutMs: 1_000 }), get('warehouse', '/path/fresh')]);
    },
  },
  {
    title: 'A deliberate drop',
    story: 'quotes allows one connection per client and drops the second one while it serves the first.',
    expected: [
      {
        call: '/drop/second',
        failure: { action: 'dropped', cause: 'rejected', confidence: ['possible'], sent: 'full', retrySafe: true },
      },
    ],
    async play({ get }) {
      await get('quotes', '/drop/first');
      await Promise.all([get('quotes', '/drop/allowed'), get('quotes', '/drop/second', { blocked: true })]);
    },
  },
  {
    title: 'Refused',
    story: 'Nothing listens on the port of mailer.',
    expected: [
      {
        call: '/refused',
        failure: { cause: 'not_listening', confidence: ['likely', 'certain'], sent: 'none', retrySafe: true },
      },
    ],
    play: ({ post }) => post('mailer', '/refused'),
  },
  {
    title: 'Our own timeout, reported as "socket hang up"',
    story: 'reports needs 1 s. The client waits for 300 ms, then destroys the request.',
    expected: [
      {
        call: '/timeout',
        failure: {
          action: 'kept-waiting',
          cause: 'client_timeout',
          confidence: ['certain'],
          sent: 'full',
          retrySafe: true,
        },
      },
    ],
    async play({ get, blockUntil, setup }) {
      await get('reports', '/timeout', { timeoutMs: setup.reportTimeoutMs });
      blockUntil(['/timeout']);
    },
  },
];
