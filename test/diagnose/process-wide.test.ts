import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whereText } from '../../src/diagnose/print/changes';
import { incidentText } from '../../src/diagnose/print/incident-text';
import { diagnosed } from './diagnosed';
import { failed, type Request } from './spans';

const HOSTS = ['inventory', 'payments', 'orders', 'search'];

/** The resolver of one service did not answer for a while, whatever name was asked for. */
const unresolved = HOSTS.flatMap((host, i): Request[] =>
  [0, 1, 2].map((n) => ({
    host,
    atMs: 1_000 + i * 20 + n * 60,
    attributes: {
      'socket.failure.kind': 'dns',
      'socket.failure.phase': 'dns',
      'socket.failure.cause': 'name_not_resolved',
      'socket.failure.confidence': 'likely',
      'socket.failure.initiator': 'unknown',
      'socket.failure.sent': 'none',
      'socket.failure.elapsed_ms': 20,
      'socket.failure.retry_safe': true,
      'socket.failure.explanation': `The name ${host} was not resolved (getaddrinfo EAI_AGAIN). Check the resolver, and the name. Safe to retry after a backoff: nothing was sent.`,
    },
  })),
);

test('a resolver that fails is one incident and one change, whatever was asked for', () => {
  const { incidents, changes } = diagnosed(unresolved);
  assert.deepEqual(incidents.map(incidentText), [
    'the resolver of checkout: 12 requests of checkout to 4 hosts failed within 180 ms: name_not_resolved',
  ]);
  const [change, ...others] = changes;
  assert.deepEqual(others, []);
  assert.equal(change?.failures, 12);
  assert.equal(change.text, 'Check the resolver');
  assert.equal(whereText(change), 'checkout, calling inventory:443, orders:443, payments:443 and 1 other');
});

test('a busy event loop is one change of its service, and not one of each host that it called', () => {
  const late = HOSTS.map(
    (host, i): Request => ({
      host,
      atMs: 1_000 * i,
      attributes: failed(i, {
        'socket.failure.kind': 'local_timeout',
        'socket.failure.cause': 'client_timeout',
        'socket.failure.confidence': 'certain',
        'socket.failure.initiator': 'local',
        'socket.failure.explanation': `A timeout of this process ended the request after 1 s, before a byte of the response came, 600 ms of it with a busy event loop in this process. Find what blocks the event loop of this process, or what is slow at ${host}:443: the answer may have come in time. Safe to retry: GET is idempotent.`,
      }),
    }),
  );
  const { changes } = diagnosed(late);
  assert.deepEqual(
    changes.map(({ text, failures, hosts }) => [text, failures, hosts.length]),
    [['Find what blocks the event loop of this process, or what is slow at these hosts', 4, 4]],
  );
  const [alone] = diagnosed(late.slice(0, 1)).changes;
  assert.match(alone?.text ?? '', /, or what is slow at inventory:443: /);
  assert.equal(alone && whereText(alone), 'inventory:443, called by checkout');
});

test('the same advice on two hosts is two changes, where it is about the host', () => {
  const dropped = HOSTS.slice(0, 2).map((host, i): Request => ({ host, atMs: 1_000 * i, attributes: failed(i) }));
  const { changes } = diagnosed(dropped);
  assert.deepEqual(
    changes.map(({ hosts }) => hosts),
    [['inventory:443'], ['payments:443']],
  );
});
