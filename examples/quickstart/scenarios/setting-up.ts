import { Resolver } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici7';
import type { Scenario } from './scenario';

const CONNECT_TIMEOUT_MS = 500;
const never = { confidence: ['likely', 'certain'], sent: 'none', retrySafe: true } as const;

/** A connection that was never made. */
export const settingUp: readonly Scenario[] = [
  {
    id: 'name',
    title: 'The DNS server says that there is no such name',
    upstreams: ['names'],
    expected: [{ call: '/name', failure: { ...never, cause: 'name_not_resolved' } }],
    async play({ get, setup }) {
      const resolver = new Resolver();
      resolver.setServers([`127.0.0.1:${setup.ports.names}`]);
      const lookup = ((name, _, done) => resolver.resolve4(name, (error) => done(error, ''))) as LookupFunction;
      await get('no-such-name.example', '/name', { request: { lookup, port: 80 } });
    },
  },
  {
    id: 'tls',
    title: 'A GET to https://orders, whose port speaks plain HTTP',
    upstreams: ['orders'],
    expected: [{ call: '/tls', failure: { ...never, cause: 'tls_failed' } }],
    play: ({ get }) => get('orders', '/tls', { scheme: 'https' }),
  },
  {
    id: 'protocol',
    title: 'A GET to a port that speaks SMTP',
    upstreams: ['smtp'],
    expected: [
      {
        call: '/protocol',
        failure: { action: 'spoke-smtp', cause: 'protocol_mismatch', confidence: ['certain', 'likely', 'possible'] },
      },
    ],
    play: ({ get }) => get('smtp', '/protocol'),
  },
  {
    id: 'crowded',
    title: `The queue of crowded is full, and drops a connect; undici allows ${CONNECT_TIMEOUT_MS} ms, which its clock makes up to 1 s`,
    upstreams: ['crowded'],
    expected: [{ call: '/crowded', failure: { ...never, cause: 'connect_timeout' } }],
    async play({ lookup, setup }) {
      const dispatcher = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, lookup } });
      const url = `http://crowded:${setup.ports.crowded}/${setup.mode}/crowded`;
      await request(url, { dispatcher }).catch(() => undefined);
      await dispatcher.destroy();
    },
  },
  {
    id: 'resource',
    title: 'A GET from a local address that this machine does not have',
    upstreams: ['orders'],
    expected: [{ call: '/resource', failure: { ...never, cause: 'local_resource' } }],
    play: ({ get }) => get('orders', '/resource', { request: { localAddress: '192.0.2.1', agent: false } }),
  },
];
