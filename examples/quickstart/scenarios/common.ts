import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from './scenario';

/** `peer_aborted` if the other application was so slow that the refusal is long past. */
const killed = {
  action: 'killed',
  cause: ['peer_restart', 'peer_aborted'],
  confidence: ['possible'],
  sent: 'full',
} as const;

/** The six commonest causes. */
export const common: readonly Scenario[] = [
  {
    id: 'stale-fin',
    title: 'orders has just closed an idle connection of the pool, and a GET takes it',
    upstreams: ['orders'],
    expected: [
      {
        call: '/stale-fin/get',
        failure: {
          action: 'idle-fin',
          cause: 'stale_keepalive',
          // `possible` on a machine that is too busy to tell a round trip.
          confidence: ['possible', 'likely', 'certain'],
          sent: 'full',
          retrySafe: true,
        },
      },
    ],
    async play({ get, idleUntilClosed }) {
      // The first one is slow to be released, which makes the idle age look shorter than it is.
      await get('orders', '/stale-fin/first');
      await get('orders', '/stale-fin/again');
      await idleUntilClosed('/stale-fin/again');
      await get('orders', '/stale-fin/get');
    },
  },
  {
    id: 'cut-short',
    title: 'images crashes in the middle of its response to a GET',
    upstreams: ['images'],
    errorWithout: false,
    expected: [
      {
        call: '/cut-short/get',
        failure: {
          action: 'aborted',
          cause: 'peer_aborted',
          confidence: ['possible'],
          sent: 'received',
          retrySafe: true,
        },
      },
    ],
    play: ({ get }) => get('images', '/cut-short/get'),
  },
  {
    id: 'restart',
    title:
      'inventory stops listening, and is killed while it works on two GETs and a POST (a GET after that is refused)',
    upstreams: ['inventory'],
    expected: [
      { call: '/restart/get-1', failure: { ...killed, retrySafe: true } },
      { call: '/restart/post', failure: { ...killed, retrySafe: false } },
      { call: '/restart/get-2', failure: { ...killed, retrySafe: true } },
    ],
    whyDifferent: 'each verdict rests on what had been seen by then',
    async play({ blockUntil, get, post }) {
      const inFlight = [get('inventory', '/restart/get-1')];
      await sleep(100);
      inFlight.push(post('inventory', '/restart/post'));
      await sleep(100);
      inFlight.push(get('inventory', '/restart/get-2'));
      await sleep(300);
      blockUntil(['/inventory/stopped']);
      await Promise.all([...inFlight, get('inventory', '/restart/next')]);
    },
  },
  {
    id: 'path',
    title: 'The network before warehouse has forgotten an idle connection: no FIN, no RST, no answer within 1 s',
    upstreams: ['warehouse'],
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
    id: 'timeout',
    title: 'reports needs 1 s for a GET, and the client destroys it after 300 ms',
    upstreams: ['reports'],
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
  {
    id: 'refused',
    title: 'Nothing listens on the port of mailer, to which a POST goes',
    upstreams: ['mailer'],
    expected: [
      {
        call: '/refused',
        failure: { cause: 'not_listening', confidence: ['likely', 'certain'], sent: 'none', retrySafe: true },
      },
    ],
    play: ({ post }) => post('mailer', '/refused'),
  },
];

export const healthy: Scenario = {
  id: 'healthy',
  title: 'Two GETs to orders succeed, one after the other on one connection',
  upstreams: ['orders'],
  expected: [{ call: '/healthy/first' }, { call: '/healthy/again', attributes: { 'socket.reused': true } }],
  async play({ get, fresh }) {
    const agent = fresh();
    await get('orders', '/healthy/first', { request: { agent } });
    await get('orders', '/healthy/again', { request: { agent } });
    agent.destroy();
  },
};
