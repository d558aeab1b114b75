import { once } from 'node:events';
import http, { type ClientRequest } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from './scenario';

/** More that can happen to a request on its way. */
export const inFlight: readonly Scenario[] = [
  {
    id: 'limit',
    title: 'A proxy before search ends every request that takes longer than 2 s; the last of four GETs',
    upstreams: ['search'],
    expected: [
      {
        call: '/limit/4',
        failure: {
          action: 'cut-at-limit',
          // Times that a busy machine spreads do not repeat.
          cause: ['response_timeout', 'peer_aborted'],
          confidence: ['possible'],
          sent: 'full',
          retrySafe: true,
        },
      },
    ],
    async play({ get }) {
      for (const i of [1, 2, 3, 4]) await get('search', `/limit/${i}`);
    },
  },
  {
    id: 'incomplete',
    title: 'A POST to uploads announces 100 bytes and sends 20',
    upstreams: ['uploads'],
    expected: [
      {
        call: '/incomplete',
        failure: {
          action: 'gave-up-waiting',
          cause: 'request_incomplete',
          confidence: ['possible', 'likely'],
          sent: 'partial',
          retrySafe: false,
        },
      },
    ],
    play: ({ post }) =>
      post('uploads', '/incomplete', {
        request: { headers: { 'Content-Length': 100 } },
        drive: (request) => request.end('x'.repeat(20)),
      }),
  },
  {
    id: 'drop',
    title: 'quotes allows one connection per client, and drops a second one while it serves the first',
    upstreams: ['quotes'],
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
    id: 'gate',
    title: 'gate drops every connection as soon as a request arrives, and nobody can see why',
    upstreams: ['gate'],
    expected: [
      {
        call: '/gate',
        failure: {
          action: 'dropped-unseen',
          cause: 'unknown',
          confidence: ['possible'],
          sent: 'full',
          retrySafe: true,
        },
      },
    ],
    play: ({ get }) => get('gate', '/gate', { blocked: true }),
  },
  {
    id: 'cancelled',
    title: 'The program asks reports twice for the same, and aborts the second GET once the first is answered',
    upstreams: ['reports'],
    expected: [
      { call: '/answered-first' },
      {
        call: '/cancelled',
        failure: {
          action: 'kept-waiting',
          cause: 'client_cancelled',
          confidence: ['certain'],
          sent: 'full',
          retrySafe: false,
        },
      },
    ],
    async play({ get }) {
      const controller = new AbortController();
      // In the event itself: what follows an await may have waited for a deadline, as far as anybody sees.
      const drive = (request: ClientRequest) => request.on('response', () => controller.abort()).end();
      const first = get('reports', '/answered-first', { drive });
      await sleep(700);
      await Promise.all([first, get('reports', '/cancelled', { request: { signal: controller.signal } })]);
    },
  },
  {
    id: 'gone',
    title: 'The application is the server here, and its client leaves before the response',
    upstreams: [],
    errorWithout: false,
    expected: [{ call: '/gone', failure: { cause: 'client_gone', confidence: ['certain', 'likely'] } }],
    async play({ setup }) {
      const server = http.createServer((_, response) => {
        client.end();
        client.destroy();
        response.once('close', () => server.close());
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      // A client of its own protocol has no span.
      const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
      client.write(`GET /${setup.mode}/gone HTTP/1.1\r\nHost: application\r\n\r\n`);
      await once(server, 'close');
    },
  },
];
