import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from './scenario';

const stale = {
  action: 'idle-rst',
  cause: 'stale_keepalive',
  confidence: ['likely', 'certain'],
  sent: 'none',
  retrySafe: true,
} as const;

/** More that can happen to the connections of a pool. */
export const pools: readonly Scenario[] = [
  {
    id: 'stale-rst',
    title: 'orders has reset (RST) two idle connections; a GET and a POST take them, and cannot write one byte',
    upstreams: ['orders'],
    expected: [
      { call: '/stale-rst/get', failure: stale },
      { call: '/stale-rst/post', failure: stale },
    ],
    async play({ get, post, idleUntilClosed }) {
      await Promise.all([get('orders', '/stale-rst/1'), get('orders', '/stale-rst/2')]);
      await idleUntilClosed('/stale-rst/1', '/stale-rst/2');
      await Promise.all([get('orders', '/stale-rst/get'), post('orders', '/stale-rst/post')]);
    },
  },
  {
    id: 'retired',
    title: 'catalog retires connections after four requests, without saying so',
    upstreams: ['catalog'],
    expected: [
      {
        call: '/retired/race/5',
        failure: {
          action: 'retired',
          cause: 'recycled',
          confidence: ['possible'],
          sent: 'full',
          retrySafe: true,
        },
      },
    ],
    async play({ get, blockUntil }) {
      for (const round of ['1', '2', '3', 'race']) {
        for (const request of [1, 2, 3, 4]) {
          await sleep(20);
          await get('catalog', `/retired/${round}/${request}`);
        }
        if (round !== 'race') await sleep(200);
      }
      blockUntil(['/retired/race/4']);
      await get('catalog', '/retired/race/5');
    },
  },
  {
    id: 'pool-closed',
    title: 'The client destroys its own agent while a GET waits for reports',
    upstreams: ['reports'],
    expected: [
      {
        call: '/pool-closed',
        failure: { action: 'kept-waiting', cause: 'pool_closed', confidence: ['likely', 'certain'] },
      },
    ],
    async play({ fresh, get }) {
      const agent = fresh();
      const request = get('reports', '/pool-closed', { request: { agent } });
      await sleep(200);
      agent.destroy();
      await request;
    },
  },
  {
    id: 'near-miss',
    title: 'orders closes idle connections after 2 s; a GET takes one after 1.5 s and just succeeds',
    upstreams: ['orders'],
    expected: [{ call: '/near-miss/late', attributes: { 'socket.near_miss': true, 'socket.timeout_mismatch': true } }],
    async play({ get }) {
      await get('orders', '/near-miss/first');
      await sleep(1_500);
      await get('orders', '/near-miss/late');
    },
  },
];
