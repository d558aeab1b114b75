import type { LookupOptions } from 'node:dns';
import type { Family, Scene } from './family';

/*
 * What people reported: each a mechanism in which one cause looks like another. Labelled by the peer's log, except for
 * what is refused.
 */

/** Each crash ends idle connections of one and the same age: no idle timeout, as what is dropped afterwards shows. */
const crashesAlike: Scene = async (stage) => {
  const peer = await stage.peer('scripted');
  const pool = stage.client(peer);
  const ageMs = stage.between(400, 900);
  for (let i = 0; i < 4; i += 1) {
    await stage.fill(pool, 4, '/slow/20');
    const strike = stage.strike(undefined, stage.client(peer), 1, { path: '/silent' });
    await stage.wait(ageMs);
    await peer.kill('SIGKILL');
    await strike;
    await peer.start();
    await stage.wait(stage.between(1_000, 1_200));
  }
  for (let i = 0; i < 3; i += 1) {
    await stage.fill(pool, 6, '/slow/20');
    await stage.wait(ageMs * (1.05 + 0.2 * stage.random()));
    await stage.strike(undefined, pool, 4, { path: stage.pick('/reset', '/close') });
  }
};

/** One kind of request crashes the server, always after the same time; a supervisor starts it again. */
const poison: Scene = async (stage) => {
  const peer = await stage.peer('scripted');
  const pool = stage.client(peer);
  const afterMs = stage.between(150, 500);
  for (let i = 0; i < 7; i += 1) {
    await stage.fill(pool, 4, '/slow/20');
    const strike = stage.strike(undefined, stage.pick(pool, stage.client(peer)), 1, { path: '/silent' });
    await stage.wait(afterMs);
    await peer.kill('SIGKILL');
    await strike;
    await stage.strike('not_listening', stage.client(peer), 1);
    await peer.start();
    await stage.wait(stage.between(900, 1_100));
  }
};

/** A name leads to two machines, of which one is down; on the other one handlers abort. */
const oneMachineDown: Scene = async (stage) => {
  const peer = await stage.peer('scripted');
  const client = () => stage.client({ host: 'two.internal', port: peer.port }, 'http', { lookup: alternating() });
  const pool = client();
  await stage.fill(pool, 1);
  const strikes: Promise<void>[] = [];
  for (let i = 0; i < 12; i += 1) {
    const other = client();
    strikes.push(
      stage.strike(undefined, other, 1, { path: `/${stage.pick('cut', 'cutrst')}/${stage.between(60, 300)}` }),
    );
    await stage.wait(stage.between(10, 200));
    strikes.push(stage.strike('not_listening', other, 1));
    await stage.wait(stage.between(50, 200));
  }
  await Promise.all(strikes);
};

/** 127.0.0.1 first, then an address of the machine at which nobody listens. */
function alternating() {
  let turn = 0;
  type Done = (error: null, address: string | { address: string; family: number }[], family?: number) => void;
  return (_: string, { all }: LookupOptions, done: Done) => {
    const address = turn % 2 === 0 ? '127.0.0.1' : '127.0.0.2';
    turn += 1;
    if (all === true) done(null, [{ address, family: 4 }]);
    else done(null, address, 4);
  };
}

/** Each connection is closed after one response, without a word, while this process is busy. */
const closesEach: Scene = async (stage) => {
  const peer = await stage.peer('scripted', { maxRequests: 1, ending: stage.pick('fin', 'destroy') });
  const pool = stage.client(peer, 'http', { maxSockets: 1 });
  for (let i = 0; i < 24; i += 1) {
    await pool.send({ id: stage.id() }).catch(() => undefined);
    stage.block(stage.between(5, 25));
    await stage.strike('recycled', pool, 1);
  }
};

/** The program stops reading, and the peer, which can send no more, gives up. */
const slowReader: Scene = async (stage) => {
  const peer = await stage.peer('scripted');
  const giveUpMs = stage.between(250, 500);
  const strikes: Promise<void>[] = [];
  for (let i = 0; i < 8; i += 1) {
    strikes.push(
      stage.strike(undefined, stage.client(peer), 1, { path: `/flood/${giveUpMs}`, standMs: 1_500, method: 'GET' }),
    );
    await stage.wait(stage.between(700, 1_100));
  }
  await Promise.all(strikes);
};

/** Streams that fall silent together are cut together, each at the same time limit. */
const silentStreams: Scene = async (stage) => {
  const peer = await stage.peer('scripted');
  const limitMs = stage.between(300, 600);
  await stage.fill(stage.client(peer), 1);
  for (let round = 0; round < 3; round += 1) {
    const strikes: Promise<void>[] = [];
    for (let i = 0; i < 5; i += 1) {
      strikes.push(stage.strike(undefined, stage.client(peer), 1, { path: `/stream/${limitMs}`, method: 'GET' }));
      await stage.wait(stage.between(30, limitMs / 8));
    }
    peer.command({ do: 'broadcast' });
    await Promise.all(strikes);
    await stage.wait(1_050);
  }
};

/** The program does not send what it announced: it ends the request too early, or never. */
function unfinished(how: 'ended' | 'open'): Scene {
  return async (stage) => {
    const peer = await stage.peer('scripted');
    const pool = stage.client(peer);
    for (let round = 0; round < 3; round += 1) {
      await stage.fill(pool, 6);
      const body = Buffer.alloc(stage.between(10, 3_000));
      const path = `/body/${stage.between(100, 400)}`;
      await stage.strike(undefined, stage.pick(pool, stage.client(peer)), 5, {
        path,
        method: 'POST',
        body,
        unfinished: how,
      });
      await stage.wait(stage.between(0, 1_100));
    }
  };
}

const family = (name: string, seeds: number, play: Scene): Family => ({ name, seeds, play });

export const fieldFamilies: readonly Family[] = [
  family('crashes teach no idle timeout', 6, crashesAlike),
  family('a request that crashes the server', 4, poison),
  family('one of two machines is down', 6, oneMachineDown),
  family('each connection is closed after one response', 4, closesEach),
  family('a reader that stands still', 4, slowReader),
  family('streams that fall silent together', 4, silentStreams),
  family('the program ends its request too early', 4, unfinished('ended')),
  family('the program never ends its request', 4, unfinished('open')),
];
