import type { ClientKind } from '../clients';
import type { PeerKind, Stage } from '../stage';
import type { Family, Scene } from './family';

/** The process of the peer dies with requests of different ages in flight. */
function killed(kind: PeerKind, { client = 'http' as ClientKind, pooled = true } = {}): Scene {
  return async (stage) => {
    const peer = await stage.peer(kind, { secure: client === 'https' });
    const pool = stage.client(peer, client);
    if (pooled) await stage.fill(pool, 20);
    const strikes: Promise<void>[] = [];
    for (let i = 0; i < 20; i += 1) {
      strikes.push(stage.strike('peer_restart', pool, 1, { path: '/slow/20000' }));
      await stage.wait(stage.between(5, 60));
    }
    await stage.wait(stage.between(50, 300));
    await peer.kill('SIGKILL');
    await Promise.all(strikes);
  };
}

/** A lone request whose handler fails and gives its connection up, after some time. */
async function crash(stage: Stage): Promise<void> {
  const peer = await stage.peer('scripted');
  const pool = stage.client(peer);
  await stage.fill(pool, 2);
  for (let i = 0; i < 8; i += 1) {
    const path = `/${stage.pick('cut', 'cutrst')}/${stage.between(50, 1_500)}`;
    await stage.strike('peer_aborted', pool, 1, { path });
    await stage.fill(pool, 1);
  }
}

/** Something on the way cuts each request that takes longer. */
function limited(path: (ms: number) => string, low: number, high: number): Scene {
  return async (stage) => {
    const peer = await stage.peer('scripted');
    const limitMs = stage.between(low, high);
    const pool = stage.client(peer);
    await stage.fill(pool, 2);
    for (let i = 0; i < 8; i += 1) {
      await stage.strike('response_timeout', pool, 1, { path: path(limitMs) });
      await stage.wait(stage.between(1_050, 1_200) - Math.min(limitMs, 1_000));
      await stage.fill(pool, 1);
    }
  };
}

/** nginx gives its backend so long between two reads, and cuts the response then. */
async function nginxReads(stage: Stage): Promise<void> {
  const peer = await stage.peer('nginx', { readTimeoutMs: stage.between(300, 800) });
  const pool = stage.client(peer);
  for (let i = 0; i < 6; i += 1) {
    await stage.strike('response_timeout', pool, 1, { path: '/stuck' });
    await stage.wait(1_050);
  }
}

/** A limiter drops requests on purpose, while others go well. */
function dropped(kind: 'nginx' | 'haproxy' | 'scripted', fresh: boolean): Scene {
  return async (stage) => {
    const peer = await stage.peer(kind);
    const pool = stage.client(peer);
    await stage.fill(pool, 25);
    const path = kind === 'nginx' ? '/limited' : '/reset';
    for (let i = 0; i < 5; i += 1) {
      if (!fresh) await stage.fill(pool, 5, '/slow/30');
      await stage.wait(stage.between(0, 100));
      if (!fresh) await stage.strike('rejected', pool, 5, { path });
      else {
        const other = stage.client(peer);
        await stage.strike('rejected', other, 5, { path });
      }
    }
  };
}

/** New connections are reset when they bring their first bytes. */
async function limiter(stage: Stage): Promise<void> {
  const peer = await stage.peer('scripted');
  const pool = stage.client(peer);
  await stage.fill(pool, 2);
  peer.command({ do: 'drop-new', on: true });
  const other = stage.client(peer);
  await stage.strike('rejected', other, 20);
}

/** Dropped in the middle of an upload. */
async function upload(stage: Stage): Promise<void> {
  const peer = await stage.peer('scripted');
  const pool = stage.client(peer);
  for (let i = 0; i < 5; i += 1) {
    await stage.fill(pool, 4);
    const body = Buffer.alloc(stage.between(2, 6) * 1_000_000);
    await stage.strike('rejected', pool, 4, { path: '/reset', method: 'POST', body });
  }
}

/** Responses that end in the middle. */
function half(kind: PeerKind): Scene {
  return async (stage) => {
    const peer = await stage.peer(kind);
    const pool = stage.client(peer);
    for (let i = 0; i < 5; i += 1)
      await stage.strike('peer_aborted', pool, 4, { path: `/half/${stage.between(20, 400)}` });
  };
}

/** The peer retires its connections after a number of requests, without a word. */
function retired(options: { maxRequests?: number; maxAgeMs?: number }): Scene {
  return async (stage) => {
    const peer = await stage.peer('scripted', options);
    const pools = Array.from({ length: 6 }, () => stage.client(peer, 'http', { maxSockets: 1 }));
    for (const [i, pool] of pools.entries()) {
      for (let request = 1; request <= 4; request += 1) {
        const isLast = request === 4;
        // The first three show how the peer does it; then somebody is hit.
        if (isLast && i >= 3) {
          const first = pool.send({ id: stage.id() });
          await stage.strike('recycled', pool, 1);
          await first;
        } else await pool.send({ id: stage.id() });
        await stage.wait(stage.between(0, 150));
      }
    }
  };
}

const family = (name: string, seeds: number, play: Scene): Family => ({ name, seeds, play });

export const flightFamilies: readonly Family[] = [
  family('Node is killed with requests in flight', 5, killed('node')),
  family('nginx is killed with requests in flight', 5, killed('nginx')),
  family('haproxy is killed with requests in flight, fresh', 5, killed('haproxy', { pooled: false })),
  family('Node is killed, fetch', 5, killed('node', { client: 'fetch' })),
  family('Node is killed, https', 5, killed('node', { client: 'https' })),
  family('a crash on one request', 8, crash),
  family(
    'a time limit cuts requests',
    6,
    limited((ms) => `/cut/${ms}`, 150, 700),
  ),
  family('nginx cuts a response that stands still', 6, nginxReads),
  family('nginx drops requests, reused', 4, dropped('nginx', false)),
  family('nginx drops requests, fresh', 4, dropped('nginx', true)),
  family('requests are reset on reused connections', 4, dropped('scripted', false)),
  family('a limiter resets new connections', 4, limiter),
  family('a reset in the middle of an upload', 4, upload),
  family('the response ends in the middle', 4, half('scripted')),
  family('four requests a connection, unannounced', 6, retired({ maxRequests: 4 })),
];
