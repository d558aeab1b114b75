import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { attempt, CLIENTS, inPollPhase, warmPeer } from '../clients/undici-clients';
import { closedPort } from '../support/fresh-port';
import { CUT, type Expected, fails, onArrival, startPeer } from '../support/verdict';

const STALE: Expected = {
  kind: 'closed',
  phase: 'wait',
  cause: 'stale_keepalive',
  confidence: 'possible',
  initiator: 'remote',
  sent: 'full',
  retrySafe: true,
};
const LOCAL: Expected = { ...STALE, kind: 'local_timeout', cause: 'client_timeout', confidence: 'certain' };
const TIMEOUT: Expected = { ...LOCAL, initiator: 'local' };
const UNMADE: Expected = { ...STALE, kind: 'refused', phase: 'connect', cause: 'not_listening', sent: 'none' };

for (const client of CLIENTS) {
  const { name, send } = client;

  for (const secure of [false, true]) {
    const scheme = secure ? 'https' : 'http';
    for (const method of ['GET', 'POST']) {
      test(`${name}, ${scheme}: a FIN pending at reuse, ${method}: stale, and the request went out whole`, async () => {
        const peer = await warmPeer(client, { secure });
        const body = method === 'POST' ? { body: 'secret-body' } : {};
        const { span } = await fails({ ...STALE, retrySafe: method === 'GET' }, () =>
          inPollPhase(() => {
            peer.endUnnoticed('fin');
            return attempt(() => send(peer, '/ok', { method, ...body }));
          }),
        );
        assert.equal(span.attributes['socket.reuse_count'], 1);
        assert.equal(span.attributes['socket.idle_bucket'], '<1s');
      });
    }

    test(`${name}, ${scheme}: a response cut by FIN is truncated`, async () => {
      const peer = await startPeer({ secure });
      await fails(CUT, () => attempt(() => send(peer, '/cut-fin')));
    });
  }

  test(`${name}: an RST pending at reuse: stale, and a POST may be repeated because nothing was sent`, async () => {
    const expected: Expected = { ...STALE, kind: 'reset', phase: 'request', sent: 'none', confidence: 'possible' };
    for (let tries = 1; ; tries += 1) {
      const peer = await warmPeer(client);
      const met = fails(expected, () =>
        inPollPhase(() => {
          peer.endUnnoticed('rst');
          return attempt(() => send(peer, '/ok', { method: 'POST', body: 'secret-body' }));
        }),
      );
      const error = await met.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      // undici may come to see the RST before it assigns the request: that goes well then, on a fresh connection.
      if (peer.requests === 2 && tries < 5) continue;
      assert.ifError(error);
      assert.equal(peer.requests, 1);
      return;
    }
  });

  test(`${name}: a peer that goes away with the request in flight`, async () => {
    const peer = await warmPeer(client);
    const expected: Expected = { ...STALE, cause: 'peer_aborted', afterMs: 100 };
    await fails(expected, () => attempt(() => send(peer, '/drop-fin?100')));
    await send(peer, '/ok');
    await fails({ ...expected, kind: 'reset' }, () => attempt(() => send(peer, '/drop-rst?100')));
  });

  test(`${name}: a response cut by RST is truncated`, async () => {
    const peer = await startPeer();
    await fails(CUT, () => attempt(() => send(peer, '/cut-rst')));
  });

  test(`${name}: bytes that are not HTTP`, async () => {
    const peer = await startPeer();
    const expected: Expected = { ...CUT, kind: 'protocol', cause: 'protocol_mismatch', confidence: 'likely' };
    // undici 7 and 8 hand on no code: the bytes may be bad HTTP as well.
    await fails({ ...expected, or: { confidence: 'possible' } }, () => attempt(() => send(peer, '/garbage')));
  });

  test(`${name}: a port on which nothing listens is not_listening, likely`, async () => {
    const expected: Expected = { ...UNMADE, confidence: 'likely' };
    const port = await closedPort();
    const { span } = await fails(expected, () => attempt(() => send({ port, secure: false }, '/ok')));
    assert.equal(span.attributes['socket.id'], undefined);
    assert.equal(span.attributes['socket.reuse_count'], undefined);
  });

  test(`${name}: a handshake that the peer cuts`, async () => {
    const peer = await startPeer({ hello: 'fin' });
    const expected: Expected = { ...UNMADE, kind: 'closed', phase: 'tls', cause: 'tls_failed', confidence: 'possible' };
    await fails(expected, () => attempt(() => send({ port: peer.port, secure: true }, '/ok')));
  });

  test(`${name}: AbortSignal.timeout is a timeout of ours, before and after the response begins`, async () => {
    const peer = await startPeer();
    const signal = () => ({ signal: AbortSignal.timeout(300) });
    await fails(TIMEOUT, () => attempt(() => send(peer, '/hang', signal())));
    await fails({ ...TIMEOUT, phase: 'response', sent: 'received', status: 'any' }, () =>
      attempt(() => send(peer, '/body-hang', signal())),
    );
  });

  test(`${name}: an aborted signal is a cancellation, perhaps a deadline if a timer aborts it`, async () => {
    const peer = await startPeer();
    const expected: Expected = { ...TIMEOUT, kind: 'local_abort', cause: 'client_cancelled', status: 'any' };
    for (const isTimed of [false, true])
      await fails({ ...expected, retrySafe: false, confidence: isTimed ? 'possible' : 'certain' }, () => {
        const controller = new AbortController();
        const abort = () => controller.abort();
        setTimeout(() => (isTimed ? setImmediate(abort) : onArrival(abort)), 300);
        return attempt(() => send(peer, '/hang', { signal: controller.signal }));
      });
  });

  if (client.copy === undefined) continue;
  const { Agent } = client.copy;

  test(`${name}: undici's own limits on headers and body are timeouts of ours`, async () => {
    const peer = await startPeer();
    const dispatcher = new Agent({ headersTimeout: 60, bodyTimeout: 60 });
    await fails(TIMEOUT, () => attempt(() => send(peer, '/hang', { dispatcher })));
    await fails({ ...TIMEOUT, phase: 'response', sent: 'received' }, () =>
      attempt(() => send(peer, '/body-hang', { dispatcher })),
    );
    await dispatcher.destroy();
  });

  test(`${name}: a dispatcher that is destroyed is ours`, async () => {
    const peer = await startPeer();
    const dispatcher = new Agent();
    await send(peer, '/ok', { dispatcher });
    const expected: Expected = { ...LOCAL, kind: 'local_close', cause: 'pool_closed', initiator: 'local' };
    await fails(expected, () => {
      const failed = attempt(() => send(peer, '/hang', { dispatcher }));
      setTimeout(() => void dispatcher.destroy(), 60);
      return failed;
    });
  });

  test(`${name}: undici's own connect timeout`, async () => {
    // Reads no handshake: the TLS session never begins.
    const silent = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const dispatcher = new Agent({ connect: { timeout: 60 } });
    const expected: Expected = { ...TIMEOUT, kind: 'timed_out', phase: 'tls', cause: 'connect_timeout', sent: 'none' };
    await fails(expected, () => attempt(() => send({ port, secure: true }, '/ok', { dispatcher })));
    await dispatcher.destroy();
    silent.close();
  });
}
