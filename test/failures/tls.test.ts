import assert from 'node:assert/strict';
import https from 'node:https';
import { test } from 'node:test';
import { tlsFixture } from '../support/root';
import { type Expected, fails, send, startPeer } from '../support/verdict';
import { startServer } from './peers/real-server';

const TLS: Expected = {
  kind: 'tls',
  phase: 'tls',
  cause: 'tls_failed',
  confidence: 'certain',
  initiator: 'local',
  sent: 'none',
  retrySafe: true,
};

test('a self-signed certificate is refused by us: nothing was sent, so a retry is safe, if pointless', async () => {
  const peer = await startPeer({ secure: true });
  for (const method of ['GET', 'POST']) {
    const { errors } = await fails(TLS, () => send(peer, '/ok', { method, rejectUnauthorized: true }));
    assert.match(String((errors[0] as { code?: string }).code), /SELF_SIGNED|DEPTH_ZERO/);
  }
  assert.equal(peer.requests, 0);
});

test('a certificate for another name is refused by us', async () => {
  const peer = await startPeer({ secure: true });
  const checkServerIdentity = () => Object.assign(new Error('another name'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  // Node asks for the name only once the chain is trusted.
  const ca = tlsFixture('cert.pem');
  await fails(TLS, () => send(peer, '/ok', { rejectUnauthorized: true, ca, checkServerIdentity }));
});

test('a handshake cut by FIN: the peer closed, and nothing was sent', async () => {
  const peer = await startPeer({ hello: 'fin' });
  const expected: Expected = { ...TLS, kind: 'closed', confidence: 'possible', initiator: 'remote' };
  for (const method of ['GET', 'POST'])
    await fails(expected, () => send({ port: peer.port, secure: true }, '/ok', { method }));
});

test('a handshake cut by RST: the peer reset, and nothing was sent', async () => {
  const peer = await startPeer({ hello: 'rst' });
  const expected: Expected = { ...TLS, kind: 'reset', confidence: 'possible', initiator: 'remote' };
  for (const method of ['GET', 'POST'])
    await fails(expected, () => send({ port: peer.port, secure: true }, '/ok', { method }));
});

test('TLS to a port that speaks plain HTTP', async () => {
  const server = await startServer('http');
  // `EPROTO` of older Node versions does not say which side gave up.
  const expected: Expected = { ...TLS, initiator: 'remote', or: { initiator: 'unknown' } };
  const { errors } = await fails(expected, () => send({ port: server.port, secure: true }, '/ok'));
  assert.match(String((errors[0] as { code?: string }).code), /^(EPROTO|ERR_SSL_)/);
  await server.kill();
});

test('a plain request to a port that speaks TLS looks like a drop: no cause is claimed', async () => {
  const server = await startServer('https');
  const expected: Expected = {
    kind: 'closed',
    phase: 'wait',
    cause: 'unknown',
    confidence: 'possible',
    initiator: 'remote',
    sent: 'full',
    retrySafe: true,
    // On a busy machine the answer takes its time.
    or: { cause: 'peer_aborted', afterMs: 10 },
  };
  const { span } = await fails(expected, () => send({ port: server.port, secure: false }, '/ok'));
  const { 'socket.failure.cause': cause, 'socket.failure.explanation': told } = span.attributes;
  if (cause === 'unknown') assert.match(String(told), /protocol/);
  await fails({ ...expected, retrySafe: false }, () =>
    send({ port: server.port, secure: false }, '/ok', { method: 'POST' }),
  );
  await server.kill();
});

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`a client certificate is missing, ${maxVersion}`, async () => {
    const server = await startServer('client-certificate');
    const agent = new https.Agent({ maxVersion });
    // TLS 1.3 refuses after the handshake, when the request is under way already: what was sent cannot be known.
    const early = maxVersion === 'TLSv1.2';
    // `EPROTO` of older Node versions does not say that it was an alert.
    // Node tells of the alert on a connection that is up from where nobody sees whose it is.
    const stage: Partial<Expected> = early
      ? { or: { initiator: 'unknown' } }
      : { phase: 'wait', sent: 'full', shared: true };
    const expected: Expected = { ...TLS, initiator: 'remote', ...stage };
    const { errors } = await fails(expected, () => send(server, '/ok', { agent }));
    if (!early) assert.equal((errors[0] as { code?: string }).code, 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
    agent.destroy();
    await server.kill();
  });
}
