import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { socketFailureOf } from '../../src/index';
import type { Peer } from '../support/peer';
import { clientSpan, type EndedSpan, spansOf } from '../support/sdk';
import { startPeer } from '../support/verdict';
import { endUnnoticed, NODES_TUNNEL, ports, WAYS } from './proxy-ways';

const urlOf = ({ port, secure }: Peer, target: string) => `${secure ? 'https' : 'http'}://127.0.0.1:${port}${target}`;

/** The span of one request that may fail, and the error that the program gets. */
async function outcome(send: () => Promise<unknown>): Promise<{ verdict: Record<string, unknown>; span: EndedSpan }> {
  let thrown: unknown;
  const span = await clientSpan(() =>
    send().catch((error: unknown) => {
      thrown = error;
    }),
  );
  const told = Object.entries(span.attributes).filter(([key]) =>
    /failure\.(kind|phase|cause|initiator|sent)$/.test(key),
  );
  const verdict = Object.fromEntries(told.map(([key, value]) => [key.replace('socket.failure.', ''), value]));
  if (thrown !== undefined) assert.equal(socketFailureOf(thrown)?.kind, verdict.kind);
  return { verdict, span };
}

for (const { name, proxy, tunnel, secure, via } of WAYS) {
  test(`${name}: two requests share a connection; the peer is the proxy, the server is the origin`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via(proxy);
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      await get(urlOf(peer, '/ok'));
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      await get(urlOf(peer, '/ok'));
    });
    const [first, second] = spans.map(({ attributes }) => attributes);
    assert.equal(first?.['socket.reuse_count'], 0);
    assert.equal(second?.['socket.reuse_count'], 1);
    assert.equal(second?.['socket.id'], first?.['socket.id']);
    assert.equal(first?.['server.port'], peer.port);
    await close();
  });

  test(`${name}: ${tunnel ? 'the origin goes away behind the proxy' : 'the proxy answers for an origin that goes away'}`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via(proxy);
    await get(urlOf(peer, '/ok'));
    // Clearly later than that answer, which may be slow on a busy machine.
    const { verdict, span } = await outcome(() => get(urlOf(peer, '/drop-fin?400')));
    const cut = { kind: 'closed', phase: 'wait', cause: 'peer_aborted', initiator: 'remote', sent: 'full' };
    assert.deepEqual(verdict, tunnel ? cut : {});
    if (!tunnel) assert.equal(span.attributes['http.response.status_code'], 502);
    else assert.equal(span.attributes['network.peer.port'], ports[proxy]);
    await close();
  });

  test(`${name}: the proxy closed the pooled connection, and the next request takes it`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via(proxy);
    await get(urlOf(peer, '/ok'));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const { verdict, span } = await outcome(() => {
      endUnnoticed();
      return get(urlOf(peer, '/ok'));
    });
    // A proxy that answers itself announces 5 s, which an end after 150 ms contradicts: no cause has to be named.
    const isUnknown = !tunnel && verdict.cause === 'unknown';
    const cause = isUnknown ? 'unknown' : 'stale_keepalive';
    const stale = { kind: 'closed', phase: 'wait', cause, initiator: 'remote', sent: 'full' };
    // undici looks before it writes, and takes a new connection without a word.
    const isSeen = span.attributes['socket.reuse_count'] === 0;
    assert.deepEqual(verdict, isSeen ? {} : stale);
    if (name.endsWith('-agent')) assert.equal(isSeen, false);
    else assert.equal(span.attributes['http.response.status_code'], 200);
    await close();
  });

  test(`${name}: a timeout of the program`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via(proxy);
    const { verdict } = await outcome(() => get(urlOf(peer, '/hang'), 150));
    const expected = {
      kind: 'local_timeout',
      phase: 'wait',
      cause: 'client_timeout',
      initiator: 'local',
      sent: 'full',
    };
    assert.deepEqual(verdict, expected);
    await close();
  });

  test(`${name}: the proxy refuses the connection`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via('closed');
    const { verdict, span } = await outcome(() => get(urlOf(peer, '/ok')));
    const refused = { kind: 'refused', phase: 'connect', cause: 'not_listening', initiator: 'remote', sent: 'none' };
    // A SOCKS client's error has no code: all that it tells is that the proxy made no tunnel.
    const untold = { kind: 'other', phase: 'proxy', cause: 'unknown', initiator: 'remote', sent: 'none' };
    assert.deepEqual(verdict, proxy === 'socks' ? untold : refused);
    await close();
    if (proxy === 'socks') return;
    const told = String(span.attributes['socket.failure.explanation']);
    const [at, to] = [`127.0.0.1:${ports.closed}`, `127.0.0.1:${peer.port}`];
    assert.ok(told.startsWith(`${at}, asked for ${to}, refused the connection`), told);
    assert.match(told, /Check what should listen there, such as a proxy/);
  });

  // Node counts a connection only once it has its tunnel, and makes one for each.
  if (name.endsWith('-agent') && name !== NODES_TUNNEL) {
    test(`${name}, one connection at most: the second request waits for the first and reuses its connection`, async () => {
      const peer = await startPeer({ secure });
      const { get, close } = via(proxy, { maxSockets: 1 });
      const spans = await spansOf(SpanKind.CLIENT, 2, () =>
        Promise.all([get(urlOf(peer, '/ok')), get(urlOf(peer, '/ok'))]),
      );
      const [first, second] = spans.map(({ attributes }) => attributes);
      assert.equal(first?.['socket.queue_ms'], undefined);
      assert.ok(Number(second?.['socket.queue_ms']) >= 0);
      assert.equal(second?.['socket.reuse_count'], 1);
      assert.equal(second?.['socket.id'], first?.['socket.id']);
      await close();
    });
  }

  if (!tunnel) continue;

  test(`${name}: a tunnel that the proxy denies`, async () => {
    const { get, close } = via(proxy === 'socks' ? 'socks' : 'denying');
    const scheme = secure ? 'https' : 'http';
    const { verdict, span } = await outcome(() => get(`${scheme}://127.0.0.1:${ports.closed}/ok`));
    assert.deepEqual(verdict, { kind: 'other', phase: 'proxy', cause: 'unknown', initiator: 'remote', sent: 'none' });
    assert.equal(span.attributes['socket.id'], undefined);
    await close();
  });
}
