import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { socketFailureOf } from '../../src/index';
import { spansOf } from '../support/sdk';
import { check, type Expected, fails, send, startPeer } from '../support/verdict';
import { requestsAt, startServer } from './peers/real-server';

const GONE: Expected = {
  kind: 'closed',
  phase: 'wait',
  cause: 'peer_aborted',
  confidence: 'possible',
  initiator: 'remote',
  sent: 'full',
  retrySafe: true,
};

/** What a kill may look like to one of several requests. */
const CAUSES = ['peer_aborted', 'peer_restart', 'rejected'] as const;

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';

  test(`${scheme}: a server that is killed with five requests of one age in flight: only the GETs may be retried`, async () => {
    const server = await startServer(secure ? 'https' : 'http');
    const agent = new (secure ? https : http).Agent({ keepAlive: true });
    const warm = requestsAt(server, 1);
    await send(server, '/ok', { agent });
    await warm;
    const results: Promise<Awaited<ReturnType<typeof send>>>[] = [];
    const spans = await spansOf(SpanKind.CLIENT, 5, async () => {
      for (let i = 0; i < 5; i++) {
        const arrived = requestsAt(server, 1);
        results.push(send(server, '/hang', { agent, method: i % 2 === 0 ? 'GET' : 'POST' }));
        await arrived;
      }
      // Longer than anything that the requests alone could have caused, unless the machine is busy.
      await new Promise((resolve) => setTimeout(resolve, 60));
      await server.kill();
    });
    const errors = (await Promise.all(results)).flatMap((result) => result.errors);
    for (const span of spans) {
      const retrySafe = span.attributes['http.request.method'] === 'GET';
      const own = errors.filter((error) => socketFailureOf(error)?.connection?.id === span.attributes['socket.id']);
      assert.equal(own.length, 1);
      // On a busy machine the requests are of several ages, or were just sent.
      const cause = CAUSES.find((one) => one === span.attributes['socket.failure.cause']) ?? GONE.cause;
      check(span, own, { ...GONE, cause, retrySafe, afterMs: 60 });
    }
    assert.equal(errors.length, 5);
    assert.equal(spans.filter((span) => span.attributes['socket.reused'] === true).length, 1);
    const refused = {
      kind: 'refused',
      phase: 'connect',
      cause: 'not_listening',
      // It has just answered: a limit may refuse this one.
      confidence: 'possible',
      sent: 'none',
    } as const;
    await fails({ ...GONE, ...refused }, () => send(server, '/ok', { agent }));
    agent.destroy();
  });

  for (const [how, kind] of [
    ['drop-fin', 'closed'],
    ['drop-rst', 'reset'],
  ] as const) {
    test(`${scheme}: a lone request whose peer goes away by ${how} after a while: this one exchange was given up`, async () => {
      const peer = await startPeer({ secure });
      await fails({ ...GONE, kind, afterMs: 50 }, () => send(peer, `/${how}?50`));
      const post = { ...GONE, kind, retrySafe: false, afterMs: 90 };
      await fails(post, () => send(peer, `/${how}?90`, { method: 'POST' }));
    });

    test(`${scheme}: a fresh connection dropped at once by ${how}: unknown, and rejected once others succeed`, async () => {
      const peer = await startPeer({ secure });
      const dropped: Expected = { ...GONE, kind, cause: 'unknown' };
      for (const method of ['GET', 'POST']) {
        await fails({ ...dropped, retrySafe: method === 'GET', or: late(method) }, () =>
          send(peer, `/${how}`, { method }),
        );
      }
      await send(peer, '/ok');
      for (const method of ['GET', 'POST']) {
        const rejected: Expected = { ...dropped, cause: 'rejected', retrySafe: method === 'GET' };
        await fails({ ...rejected, or: late(method) }, () => send(peer, `/${how}`, { method }));
      }
    });

    test(`${scheme}: a reused connection dropped by ${how} after a while is not called stale`, async () => {
      const peer = await startPeer({ secure });
      const agent = new (secure ? https : http).Agent({ keepAlive: true });
      await send(peer, '/ok', { agent });
      await fails({ ...GONE, kind, afterMs: 50 }, () => send(peer, `/${how}?50`, { agent }));
      agent.destroy();
    });
  }

  test(`${scheme}: an upload that the peer resets`, async () => {
    const peer = await startPeer({ secure });
    await send(peer, '/ok');
    const expected: Expected = {
      ...GONE,
      kind: 'reset',
      phase: 'request',
      cause: 'rejected',
      sent: 'partial',
    };
    // Whichever call meets the RST first takes the error with it: after a write, the next read finds an end.
    for (const method of ['PUT', 'POST']) {
      const { span } = await fails({ ...expected, retrySafe: method === 'PUT', or: { kind: 'closed' } }, () =>
        send(peer, '/drop-rst?5', { method, body: Buffer.alloc(32e6, 'secret-') }),
      );
      assert.equal(span.attributes['socket.reuse_count'], 0);
    }
  });
}

/** A peer that took its time, on a machine that is busy: the request was under way by then. */
function late(method: string): Expected['or'] {
  return { cause: 'peer_aborted', retrySafe: method === 'GET', afterMs: 10 };
}

test('a peer that refused a connect and listens again: what it ends afterwards shows no restart', async () => {
  const first = net.createServer().listen(0, '127.0.0.1');
  await once(first, 'listening');
  const { port } = first.address() as AddressInfo;
  first.close();
  await once(first, 'close');
  const peer = { port, secure: false };
  await fails(
    { ...GONE, kind: 'refused', phase: 'connect', cause: 'not_listening', confidence: 'likely', sent: 'none' },
    () => send(peer, '/ok'),
  );
  const again = net.createServer((socket) => {
    socket.once('data', () => setTimeout(() => socket.resetAndDestroy(), 60)).on('error', () => undefined);
  });
  again.listen(port, '127.0.0.1');
  await once(again, 'listening');
  await fails({ ...GONE, kind: 'reset', retrySafe: true }, () => send(peer, '/upload', { method: 'PUT' }));
  again.close();
});
