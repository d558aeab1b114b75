import { setWallAhead } from '../../support/clocks';
import type { ClientKind } from '../clients';
import type { PeerOptions } from '../peers/peer';
import type { PeerKind, Stage } from '../stage';
import type { Family, Scene } from './family';

/** A real server closes idle connections while this process looks away; the next requests take them. */
function idle(kind: PeerKind, { known = false, announce = false, client = 'http' as ClientKind } = {}): Scene {
  return async (stage) => {
    const idleMs = kind === 'node' || announce ? 1_000 * stage.pick(2, 3) : stage.between(300, 1_500);
    const peer = await stage.peer(kind, { idleMs, announce, secure: client === 'https' });
    const pool = stage.client(peer, client);
    if (known) await stage.learn(pool, peer.idleMs, 2);
    await stage.fill(pool, stage.between(20, 30));
    stage.block(peer.idleMs + 300);
    await stage.strike('stale_keepalive', pool, 20);
  };
}

/** A peer that does as told closes them at once, in one of the ways there are. */
function told(
  how: 'fin' | 'rst' | 'destroy',
  client: ClientKind,
  ask: { upload?: boolean; stallMs?: number } = {},
): Scene {
  return async (stage) => {
    const peer = await stage.peer('scripted', { secure: client === 'https' });
    const pool = stage.client(peer, client);
    await stage.fill(pool, 25);
    await stage.wait(stage.between(0, 400));
    await stage.turn();
    peer.command({ do: 'end-idle', how });
    const body = Buffer.alloc(ask.upload ? stage.between(200_000, 2_000_000) : 10);
    const strike = stage.strike('stale_keepalive', pool, 25, ask.upload ? { method: 'POST', body } : {});
    stage.block(ask.stallMs === undefined ? 0 : stage.between(0, ask.stallMs));
    await strike;
  };
}

/** The peer's FIN is on its way while the request is: over a relay that takes a while. */
function onTheWay(delayMs: number, options: PeerOptions, known: boolean): Scene {
  return async (stage) => {
    const idleMs = stage.between(400, 900);
    const peer = await stage.peer('scripted', { ...options, idleMs });
    const pool = stage.client(await stage.relay([peer], delayMs));
    if (known) await stage.learn(pool, idleMs + delayMs, 2);
    for (let round = 0; round < 3; round += 1) {
      await stage.fill(pool, 12);
      // It closes while the way to it is still ahead of the request.
      await stage.wait(idleMs - stage.between(0, Math.max(1, delayMs / 2 - 1)));
      await stage.strike('stale_keepalive', pool, 12, { path: '/ok' });
    }
  };
}

async function suspended(stage: Stage): Promise<void> {
  const peer = await stage.peer('scripted', { idleMs: 300 });
  const pool = stage.client(peer);
  await stage.fill(pool, 20);
  stage.block(500);
  setWallAhead(stage.between(20_000, 3_600_000));
  await stage.strike('stale_keepalive', pool, 20);
  setWallAhead(0);
}

/** It answers, and closes without having said so; the next request waits for just this connection. */
async function queued(stage: Stage): Promise<void> {
  const peer = await stage.peer('scripted', { maxRequests: 1 });
  const pools = Array.from({ length: 20 }, () => stage.client(peer, 'http', { maxSockets: 1 }));
  await Promise.all(
    pools.map(async (pool) => {
      const first = pool.send({ id: stage.id() });
      await stage.strike('recycled', pool, 1);
      await first;
    }),
  );
}

async function farewell(stage: Stage): Promise<void> {
  const peer = await stage.peer('scripted', { idleMs: 300, ending: '408' });
  const pool = stage.client(peer);
  await stage.fill(pool, 20);
  stage.block(600);
  await stage.strike('stale_keepalive', pool, 20);
}

/** All connections of all idle ages at once: the peer is restarted, and this process looks away. */
function restarted(kind: PeerKind, signal: 'SIGTERM' | 'SIGKILL', known = false): Scene {
  return async (stage) => {
    const peer = await stage.peer(kind, known ? { idleMs: 1_500 } : {});
    const pool = stage.client(peer);
    if (known) await stage.learn(pool, 1_500, 2);
    await stage.fill(pool, 10);
    await stage.wait(stage.between(100, 500));
    await stage.fill(pool, 12);
    void peer.kill(signal);
    stage.block(stage.between(200, 450));
    await stage.strike('stale_keepalive', pool, 12);
  };
}

const family = (name: string, seeds: number, play: Scene): Family => ({ name, seeds, play });

export const staleFamilies: readonly Family[] = [
  family('nginx closes idle connections', 5, idle('nginx')),
  family('nginx, its limit learned', 5, idle('nginx', { known: true })),
  family('nginx, its limit announced', 5, idle('nginx', { announce: true })),
  family('nginx, https, its limit learned', 4, idle('nginx', { known: true, client: 'https' })),
  family('nginx, fetch, its limit learned', 5, idle('nginx', { known: true, client: 'fetch' })),
  family('haproxy closes idle connections', 5, idle('haproxy')),
  family('haproxy, its limit learned', 5, idle('haproxy', { known: true })),
  family('apache announces its limit', 5, idle('apache', { announce: true })),
  family('apache, fetch', 5, idle('apache', { announce: true, client: 'fetch' })),
  family('envoy, its limit learned', 5, idle('envoy', { known: true })),
  family('Node announces its limit', 5, idle('node')),
  family('Node, https', 4, idle('node', { client: 'https' })),
  family('Node, agentkeepalive', 4, idle('node', { client: 'agentkeepalive' })),
  family('Node, undici', 4, idle('node', { client: 'undici' })),
  family('a FIN is pending', 4, told('fin', 'http')),
  family('a RST is pending', 4, told('rst', 'http')),
  family('the peer destroyed the connection', 4, told('destroy', 'http')),
  family('a FIN is pending, https', 4, told('fin', 'https')),
  family('a RST is pending, https', 4, told('rst', 'https')),
  family('a FIN is pending, an upload', 4, told('fin', 'http', { upload: true })),
  family('the peer destroyed the connection, an upload', 4, told('destroy', 'http', { upload: true })),
  family('a RST is pending, an upload', 4, told('rst', 'http', { upload: true })),
  family('a FIN is pending, this process is busy', 4, told('fin', 'http', { stallMs: 500 })),
  family('a RST is pending, fetch', 4, told('rst', 'fetch')),
  family('a FIN is pending, fetch', 4, told('fin', 'fetch')),
  family('a relay of 5 ms', 4, onTheWay(5, {}, false)),
  family('a relay of 50 ms', 4, onTheWay(50, {}, false)),
  family('a relay of 200 ms, the limit learned', 4, onTheWay(200, {}, true)),
  family('the process was suspended', 4, suspended),
  family('a 408 before the end', 4, farewell),
  family('nginx is killed while connections are idle', 8, restarted('nginx', 'SIGKILL')),
  family('haproxy is stopped while connections are idle', 8, restarted('haproxy', 'SIGTERM')),
  family('nginx is killed while connections are idle, its limit learned', 6, restarted('nginx', 'SIGKILL', true)),
  family('one request a connection, unannounced', 4, queued),
];
