import type { Client } from '../clients';
import type { CorpusPeer } from '../peers/peer';
import type { Stage } from '../stage';
import type { Family, Scene } from './family';

/** A peer on its way down lets go of idle connections of several ages; this process sees that. */
async function leaving(stage: Stage): Promise<{ peer: CorpusPeer; pool: Client }> {
  const peer = await stage.peer('scripted');
  const pool = stage.client(peer);
  for (const connections of [24, 16, 8]) {
    await stage.fill(pool, connections);
    await stage.wait(stage.between(300, 500));
  }
  return { peer, pool };
}

/** Then it closes the others, unnoticed. */
async function lettingGo(stage: Stage): Promise<void> {
  const { peer, pool } = await leaving(stage);
  peer.command({ do: 'end-idle', how: 'fin', every: 2 });
  await stage.wait(stage.between(20, 300));
  await stage.turn();
  peer.command({ do: 'end-idle', how: stage.pick('fin', 'rst', 'destroy') });
  await stage.strike('stale_keepalive', pool, 10);
}

/** Then its process dies with a request in flight. */
async function dying(stage: Stage): Promise<void> {
  const { peer, pool } = await leaving(stage);
  const strike = stage.strike('peer_restart', pool, 1, { path: '/silent' });
  await stage.wait(stage.between(60, 400));
  peer.command({ do: 'end-idle', how: 'fin' });
  await stage.wait(stage.between(20, 300));
  await peer.kill('SIGKILL');
  await strike;
}

/** The process of the peer dies while it is sent uploads. */
async function killedUpload(stage: Stage): Promise<void> {
  const peer = await stage.peer('scripted');
  const pool = stage.client(peer);
  await stage.fill(pool, 6);
  peer.command({ do: 'deaf', on: true });
  const strikes: Promise<void>[] = [];
  for (let i = 0; i < 6; i += 1) {
    const body = Buffer.alloc(stage.between(12, 16) * 1_000_000);
    strikes.push(stage.strike('peer_restart', pool, 1, { method: 'POST', body }));
    await stage.wait(stage.between(40, 90));
  }
  await stage.wait(stage.between(50, 200));
  await peer.kill('SIGKILL');
  await Promise.all(strikes);
}

/** A client that comes back a little too late, again and again. */
async function tooLate(stage: Stage): Promise<void> {
  const peer = await stage.peer('scripted', { idleMs: 400 });
  const pool = stage.client(peer);
  for (let i = 0; i < 5; i += 1) {
    await stage.fill(pool, 4);
    stage.block(stage.between(450, 900));
    await stage.strike('stale_keepalive', pool, 4);
  }
}

/** A limit that the peer varies by a tenth, learned from closings one after the other. */
async function varied(stage: Stage): Promise<void> {
  const idleMs = stage.between(700, 1_200);
  const peer = await stage.peer('scripted', { idleMs, jitter: 0.1 });
  const pool = stage.client(peer);
  await stage.learn(pool, idleMs * 1.1, 5);
  for (let i = 0; i < 2; i += 1) {
    await stage.fill(pool, 10);
    stage.block(idleMs * 1.1 + 100);
    await stage.strike('stale_keepalive', pool, 10);
  }
}

/** Requests are dropped on purpose, at ages that the known limit allows, just so. */
function allowed(share: number): Scene {
  return async (stage) => {
    const idleMs = stage.between(700, 1_200);
    const peer = await stage.peer('scripted', { idleMs });
    const pool = stage.client(peer);
    await stage.learn(pool, idleMs, 2);
    for (let i = 0; i < 3; i += 1) {
      await stage.fill(pool, 6, '/slow/30');
      await stage.wait(idleMs * share - 15);
      await stage.strike('rejected', pool, 4, { path: '/reset' });
    }
  };
}

/** Two peers behind one name announce limits of their own. */
async function twoWords(stage: Stage): Promise<void> {
  const peers = [
    await stage.peer('scripted', { idleMs: 1_000, announce: true }),
    await stage.peer('scripted', { idleMs: 3_000, announce: true }),
  ];
  const pool = stage.client(await stage.relay(peers, 0));
  await stage.fill(pool, 20);
  stage.block(3_400);
  await stage.strike('stale_keepalive', pool, 20);
}

const family = (name: string, seeds: number, play: Scene): Family => ({ name, seeds, play });

export const crowdFamilies: readonly Family[] = [
  family('a peer lets go of one idle connection after the other', 4, lettingGo),
  family('a peer lets go of its idle connections, then dies', 20, dying),
  family('the peer is killed during uploads', 6, killedUpload),
  family('too late again and again', 4, tooLate),
  family('a limit that varies, learned', 4, varied),
  family('requests are reset well within a known limit', 4, allowed(0.5)),
  family('requests are reset shortly before a known limit', 4, allowed(0.8)),
  family('two peers announce limits of their own', 4, twoWords),
];
