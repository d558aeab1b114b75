import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainedFix } from '../../src/diagnose/read/explained-fix';
import { explanationOf, fixText } from '../../src/verdict/advice/advice';
import type { AdviceFacts } from '../../src/verdict/advice/advice-facts';
import { adviceFrom } from '../../src/verdict/advice/advise';
import { FREE_SOCKET_TIMEOUT } from '../../src/verdict/advice/idle-timeout-settings';
import { FAILURE_CAUSES, FAILURE_CONFIDENCES, FAILURE_KINDS, FAILURE_PHASES } from '../../src/verdict/failure';
import { diagnosed } from './diagnosed';
import { failed, type Request, stale } from './spans';

const explained = (text: string, more: Readonly<Record<string, string | number | boolean>> = {}): Request => ({
  atMs: 1_000,
  attributes: failed(1, { ...more, 'socket.failure.explanation': text }),
});

test('the fix can be read from each explanation that this package writes', () => {
  const codes = [
    'ECONNRESET',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UND_ERR_HEADERS_TIMEOUT',
    'ENOTFOUND',
    'EMFILE',
    undefined,
  ];
  const connections = [
    { reused: true, idleMs: 5_100, clientTimeoutMs: 0, peerTimeoutMs: 5_000, peerTimeoutSource: 'announced' },
    { reused: false, peerAddress: '10.0.0.7', peerPort: 3_128, queueMs: 1_200, dnsMs: 30 },
  ] as const;
  for (const cause of FAILURE_CAUSES)
    for (const phase of FAILURE_PHASES)
      for (const kind of FAILURE_KINDS)
        for (const [i, code] of codes.entries()) {
          const confidence = FAILURE_CONFIDENCES[i % 3] ?? 'possible';
          const facts: AdviceFacts = {
            failure: {
              ...{ kind, phase, cause, confidence, initiator: 'remote', elapsedMs: 1_250, retrySafe: i % 2 === 0 },
              connection: connections[i % 2] ?? {},
            },
            method: 'GET',
            server: { host: 'api.example.com', port: 8_443 },
            statusCode: i === 1 ? 413 : undefined,
            setting: FREE_SOCKET_TIMEOUT,
            clues: {
              code,
              syscall: 'connect',
              addresses: 3,
              name: 'api.example.com',
              missingBytes: i === 5 ? 7 : undefined,
            },
          };
          const advice = adviceFrom(facts);
          assert.equal(explainedFix(explanationOf(advice)), fixText(advice.fix), explanationOf(advice));
        }
});

test('the fix is what the explanation of the span says, and not what its attributes lead to', () => {
  const certificate = 'Correct the certificate, its chain or its host name, or trust its issuer';
  const why = 'This process does not accept the certificate of payments:443 (CERT_HAS_EXPIRED)';
  const verdict = {
    'socket.failure.cause': 'tls_failed',
    'socket.failure.kind': 'tls',
    'socket.failure.phase': 'tls',
    'socket.failure.confidence': 'certain',
  };
  const textOf = (text: string) => diagnosed([explained(text, verdict)]).changes[0]?.text ?? '';
  assert.equal(textOf(`${why}. ${certificate}. A retry would fail the same way until that is fixed.`), certificate);
  const fromAttributes = 'Check that this port speaks TLS, and which versions and certificates both sides accept';
  for (const other of [
    '',
    'Zertifikat ungültig.',
    `${why}. ${certificate}`,
    `${why}. Correct the certi`,
    'a. b. c. d.',
  ])
    assert.equal(textOf(other), fromAttributes, other);
  assert.equal(textOf('a. Escape \x1b[31m. c.'), 'Escape ?[31m');
});

test('an idle timeout is set where the explanation says that this client has it', () => {
  const change = (fix: string) => {
    const text = `The peer closed it. ${fix}. Safe to retry: GET is idempotent.`;
    return diagnosed([{ atMs: 1_000, attributes: stale(1, 5_100, { 'socket.failure.explanation': text }) }]).changes[0];
  };
  const other = change('Close idle connections after 4 s: new HttpAgent({ freeSocketTimeout: 4000 }) (agentkeepalive)');
  assert.deepEqual(other?.setting, { name: 'freeSocketTimeout', valueMs: 4_000 });
  assert.equal(other?.code, 'new HttpAgent({ freeSocketTimeout: 4000 })');
  const unknown = change('Close idle connections after 4 s (the idle timeout of its connection pool)');
  assert.deepEqual(unknown?.setting, { name: undefined, valueMs: 4_000 });
  assert.equal(unknown?.code, undefined);
  const none = change('No idle timeout prevents this: look for a restart or a deployment at this time');
  assert.equal(none?.setting, undefined);
  assert.equal(none?.text, 'No idle timeout prevents this: look for a restart or a deployment at this time');
});

test('where something at another port refused the connection, it is not the server that must be looked at', () => {
  const attributes = failed(1, {
    'socket.failure.kind': 'refused',
    'socket.failure.phase': 'connect',
    'socket.failure.cause': 'not_listening',
    'network.peer.port': 3_128,
  });
  const [change] = diagnosed([{ atMs: 1_000, address: '10.0.0.7', attributes }]).changes;
  assert.equal(change?.text, 'Check what should listen there, such as a proxy, and that host and port are right');
});

test('each piece of advice stands before the failures that it fits, whatever their numbers', () => {
  const timeout = (phase: string, elapsedMs: number, more: Readonly<Record<string, number>> = {}): Request => ({
    atMs: 1_000,
    attributes: failed(1, {
      'socket.failure.kind': 'local_timeout',
      'socket.failure.phase': phase,
      'socket.failure.cause': 'client_timeout',
      'socket.failure.confidence': 'certain',
      'socket.failure.initiator': 'local',
      'socket.failure.elapsed_ms': elapsedMs,
      ...more,
    }),
  });
  const { changes } = diagnosed([
    ...[250, 400, 980].map((ms) => timeout('queue', ms)),
    ...[600, 1_600].map((ms) => timeout('wait', ms)),
    timeout('wait', 700, { 'socket.connect_ms': 650 }),
  ]);
  assert.deepEqual(
    changes.map(({ text, failures }) => [failures, text]),
    [
      [3, 'Give the pool more connections (maxSockets, or connections of undici), or find what holds them so long'],
      [2, 'Find what is slow at payments:443, or allow more than 1.6 s'],
      [
        1,
        'Find what makes connecting to payments:443 slow (lost packets, a full accept queue), or allow more than 700 ms',
      ],
    ],
  );
});

test('retries are said to be needless where the idle timeouts avoid the failure, and only there', () => {
  const unknownPeer = { 'socket.peer_timeout_ms': 'unknown', 'socket.failure.confidence': 'possible' };
  const requests = [stale(1, 5_100), stale(2, 2_000, unknownPeer)].map((attributes) => ({ atMs: 1_000, attributes }));
  const { changes, retry } = diagnosed(requests);
  assert.deepEqual(
    changes.map(({ failures, avoided, setting }) => [failures, avoided, setting?.valueMs]),
    [[2, 1, 4_000]],
  );
  assert.equal(retry.savedByTimeouts, 1);
});
