import { setWallAhead } from '../../support/clocks';
import type { ClientKind } from '../clients';
import type { Forgetting } from '../peers/path';
import type { Stage } from '../stage';
import type { Family, Scene } from './family';

/** The peer's FIN is on its way while the request is: each packet takes half the round trip. */
function crossing(roundTripMs: number, client: ClientKind, known = false): Scene {
  return async (stage) => {
    const idleMs = stage.between(400, 900);
    const peer = await stage.peer('scripted', { ...(await stage.path(roundTripMs)), idleMs });
    const pool = stage.client(peer, client);
    if (known) await stage.learn(pool, idleMs, 2);
    for (let round = 0; round < 3; round += 1) {
      await stage.fill(pool, 12, '/slow/100');
      // Sooner, the request gets there in time; later, the FIN is here.
      await stage.wait(idleMs - roundTripMs * (0.3 + 0.5 * stage.random()));
      await stage.strike('stale_keepalive', pool, 12);
    }
  };
}

/** Requests are dropped on purpose, a round trip away. */
function droppedFar(roundTripMs: number): Scene {
  return async (stage) => {
    const peer = await stage.peer('scripted', await stage.path(roundTripMs));
    const pool = stage.client(peer);
    for (let round = 0; round < 5; round += 1) {
      await stage.fill(pool, 6, '/slow/100');
      await stage.wait(stage.between(0, 300));
      await stage.strike('rejected', pool, 5, { path: '/reset' });
    }
  };
}

/** The process of the peer dies, a round trip away. */
function killedFar(roundTripMs: number): Scene {
  return async (stage) => {
    const peer = await stage.peer('scripted', await stage.path(roundTripMs));
    const pool = stage.client(peer);
    await stage.fill(pool, 12, '/slow/100');
    const strikes: Promise<void>[] = [];
    for (let i = 0; i < 12; i += 1) {
      strikes.push(stage.strike('peer_restart', pool, 1, { path: '/silent' }));
      await stage.wait(stage.between(5, 60));
    }
    await stage.wait(stage.between(2 * roundTripMs + 50, 700));
    await peer.kill('SIGKILL');
    await Promise.all(strikes);
  };
}

/** The path forgets idle connections, and nothing is heard any more: our own timeout ends the requests. */
async function silent(stage: Stage): Promise<void> {
  const path = await stage.path(stage.pick(1, 20));
  const peer = await stage.peer('scripted', path);
  const pool = stage.client(peer);
  await stage.fill(pool, 20, '/slow/100');
  await stage.wait(stage.between(200, 900));
  await path.forget('silent');
  const strike = stage.strike('idle_expired', pool, 20, { timeoutMs: stage.between(400, 900) });
  await stage.client(peer).send({ id: stage.id() });
  await strike;
}

/** This process was frozen for minutes, and a middlebox knows its connections no more: it answers with an RST. */
function forgotten(where: Forgetting, client: ClientKind): Scene {
  return async (stage) => {
    const path = await stage.path(stage.pick(1, 10, 50));
    const peer = await stage.peer('scripted', path);
    const pool = stage.client(peer, client);
    await stage.fill(pool, 20, '/slow/100');
    setWallAhead(stage.between(70_000, 3_600_000));
    await path.forget(where);
    await stage.strike('idle_expired', pool, 20);
    setWallAhead(0);
  };
}

const family = (name: string, seeds: number, play: Scene): Family => ({ name, seeds, play, isolated: true });

export const pathFamilies: readonly Family[] = [
  family('a path of 5 ms', 6, crossing(5, 'http')),
  family('a path of 50 ms', 4, crossing(50, 'http')),
  family('a path of 200 ms, fetch', 8, crossing(200, 'fetch')),
  family('a path of 200 ms, the limit learned', 4, crossing(200, 'http', true)),
  family('requests are reset, 5 ms away', 4, droppedFar(5)),
  family('requests are reset, 50 ms away', 4, droppedFar(50)),
  family('the peer is killed, 50 ms away', 4, killedFar(50)),
  family('the path forgets, silently', 5, silent),
  family('the path forgets, a middlebox near the peer resets', 5, forgotten('far', 'http')),
  family('the path forgets, a middlebox near the client resets', 4, forgotten('near', 'http')),
  family('the path forgets, fetch', 4, forgotten('far', 'undici')),
];
