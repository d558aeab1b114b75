import assert from 'node:assert/strict';
import type http from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { Peer } from '../support/peer';
import { type Expected, fails, send, startPeer, warmAgent } from '../support/verdict';

// The agent looks at the first entry of its free list and takes the last: a dead one there reaches a request.
const DEAD: Expected = {
  kind: 'closed',
  phase: 'request',
  cause: 'stale_keepalive',
  confidence: 'certain',
  initiator: 'remote',
  sent: 'none',
  retrySafe: true,
};
const OURS: Expected = { ...DEAD, kind: 'local_close', cause: 'pool_closed', initiator: 'local' };

interface Pool {
  readonly agent: http.Agent;
  readonly free: readonly Socket[];
}

/** An agent with two idle connections, the older one first, on both sides. */
async function poolOfTwo(peer: Peer): Promise<Pool> {
  const agent = await warmAgent(peer);
  await Promise.all([send(peer, '/slow?1', { agent }), send(peer, '/slow?150', { agent })]);
  const free = Object.values(agent.freeSockets)[0] ?? [];
  assert.equal(free.length, 2);
  return { agent, free };
}

/** Runs `act` after this loop has read what the peer did, and before it tells anybody that the sockets are closed. */
function betweenEndAndClose<T>(peer: Peer, how: 'fin' | 'rst', keep: number, act: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      peer.endUnnoticed(how, 1, keep);
      setImmediate(() => act().then(resolve, reject));
    });
  });
}

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';

  for (const method of ['GET', 'POST']) {
    test(`${scheme}: a ${method} gets a connection whose FIN has been read: stale, certain, nothing sent`, async () => {
      const peer = await startPeer({ secure });
      const { agent, free } = await poolOfTwo(peer);
      await betweenEndAndClose(peer, 'fin', 1, async () => {
        assert.equal(free.at(-1)?.destroyed, true);
        const { span } = await fails(DEAD, () => send(peer, '/ok', { agent, method }));
        assert.equal(span.attributes['socket.reuse_count'], 1);
      });
      assert.equal(peer.requests, 3);
    });

    test(`${scheme}: a ${method} gets a connection that the program destroyed: ours, not the peer's`, async () => {
      const peer = await startPeer({ secure });
      const { agent, free } = await poolOfTwo(peer);
      await fails(OURS, () => {
        free.at(-1)?.destroy();
        return send(peer, '/ok', { agent, method });
      });
      assert.equal(peer.requests, 3);
    });
  }

  test(`${scheme}: a connection that the program destroyed with an error of its own is ours too`, async () => {
    const peer = await startPeer({ secure });
    const { agent, free } = await poolOfTwo(peer);
    free.at(-1)?.on('error', () => undefined);
    // From Node 24 on, the request fails with that error, which the program may give to others, too.
    const isGivenOn = Number.parseInt(process.versions.node, 10) >= 24;
    await fails({ ...OURS, ...(isGivenOn && { shared: true }) }, () => {
      free.at(-1)?.destroy(new Error('shutting down'));
      return send(peer, '/ok', { agent, method: 'POST' });
    });
  });

  test(`${scheme}: an RST that has been read, which a firewall may have sent, where the agent hands such a connection out`, async () => {
    const peer = await startPeer({ secure });
    const { agent, free } = await poolOfTwo(peer);
    await betweenEndAndClose(peer, 'rst', 1, async () => {
      // Node 20 has taken it out of the pool by now.
      const expected: Expected = { ...DEAD, kind: 'reset', confidence: 'possible' };
      if (free.length === 2) await fails(expected, () => send(peer, '/ok', { agent, method: 'POST' }));
    });
  });

  test(`${scheme}: a FIN that was read in the tick of the reuse: stale, although the write went out`, async (t) => {
    const peer = await startPeer({ secure });
    const { agent, free } = await poolOfTwo(peer);
    const [, socket] = free;
    assert.ok(socket);
    const ended = new Promise<boolean>((resolve) => {
      socket.once('end', () => resolve(true));
      socket.once('close', () => resolve(false));
    });
    peer.endUnnoticed('fin', 1, 1);
    // From Node 22 on an idle socket is destroyed at once, without 'end'.
    if (await ended) {
      assert.equal(free.at(-1), socket);
      const { span } = await fails({ ...DEAD, ...wrote(socket) }, () => send(peer, '/ok', { agent }));
      assert.equal(span.attributes['socket.reuse_count'], 1);
    } else t.diagnostic('no such moment on this Node');
  });
}

/** Node ends its own side a moment after the peer's end: before that, a write still leaves. */
function wrote({ writableEnded }: Socket): Partial<Expected> {
  return writableEnded ? {} : { phase: 'wait', sent: 'full', confidence: 'likely' };
}
