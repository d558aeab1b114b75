import type { Ground } from './ground';

/** Dropped on purpose on reused connections, at any idle age, while this process may be busy. */
export async function dropped({ stage, pool }: Ground): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    await stage.fill(pool, 6, '/slow/30');
    await stage.wait(stage.between(0, 600));
    await stage.turn();
    if (stage.random() < 0.5) setImmediate(() => stage.block(stage.between(1, 40)));
    await stage.strike(undefined, pool, 4, { path: stage.pick('/reset', '/close') });
  }
}

/** The same, of a peer whose idle timeout is known. */
export async function droppedBeforeTimeout({ stage, peer, pool }: Ground): Promise<void> {
  await stage.learn(pool, peer.idleMs, 2);
  for (let round = 0; round < 4; round += 1) {
    await stage.fill(pool, 6, '/slow/30');
    await stage.wait(peer.idleMs * (0.1 + 0.75 * stage.random()));
    await stage.turn();
    if (stage.random() < 0.5) setImmediate(() => stage.block(stage.between(1, 40)));
    await stage.strike(undefined, pool, 4, { path: stage.pick('/reset', '/close') });
  }
}

/** It lets go of many idle connections, and drops or aborts requests in the same moment. */
export async function burst({ stage, peer, pool }: Ground): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await stage.fill(pool, 8, '/slow/30');
    await stage.wait(stage.between(0, 500));
    const aborts = stage.strike(undefined, pool, 2, {
      path: `/${stage.pick('cut', 'cutrst', 'half')}/${stage.between(50, 400)}`,
    });
    await stage.wait(stage.between(0, 150));
    peer.command({
      do: 'end-idle',
      how: stage.pick('fin', 'rst', 'destroy'),
      of: 'bystanders',
      every: stage.pick(1, 2, 3),
    });
    await stage.wait(stage.between(0, 300));
    await stage.turn();
    if (stage.random() < 0.3) setImmediate(() => stage.block(stage.between(1, 40)));
    await stage.strike(undefined, pool, 3, { path: stage.pick('/reset', '/close') });
    await aborts;
  }
}

/** Aborted by its handler, or in the middle of the response, after any time. */
export async function aborted({ stage, pool }: Ground): Promise<void> {
  await stage.fill(pool, 4);
  const strikes: Promise<void>[] = [];
  for (let i = 0; i < 24; i += 1) {
    const path = `/${stage.pick('cut', 'cutrst', 'half')}/${stage.between(30, 900)}`;
    strikes.push(stage.strike(undefined, pool, 1, { path }));
    await stage.wait(stage.between(10, 180));
  }
  await Promise.all(strikes);
}

/** Something on the way cuts each request that takes longer; others are aborted after any time. */
export async function limited({ stage, pool }: Ground): Promise<void> {
  const limitMs = stage.between(150, 600);
  await stage.fill(pool, 2);
  const strikes: Promise<void>[] = [];
  for (let i = 0; i < 8; i += 1) {
    strikes.push(stage.strike(undefined, pool, 1, { path: `/limit/${limitMs}` }));
    await stage.wait(stage.between(300, 900));
    strikes.push(stage.strike(undefined, pool, 1, { path: `/cut/${stage.between(30, 300)}` }));
    await stage.wait(stage.between(300, 400));
  }
  await Promise.all(strikes);
}

/** Its process dies with some requests in flight, and is started again. */
export async function crashed({ stage, peer, pool }: Ground): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    await stage.fill(pool, 4);
    const strikes: Promise<void>[] = [];
    for (let i = stage.between(1, 10); i > 0; i -= 1) {
      strikes.push(stage.strike(undefined, pool, 1, { path: '/silent' }));
      await stage.wait(stage.between(5, 60));
    }
    await stage.wait(stage.between(100, 400));
    await peer.kill('SIGKILL');
    await Promise.all(strikes);
    await stage.wait(stage.between(0, 300));
    await peer.start();
    await stage.wait(stage.between(300, 1_100));
  }
}

/** Uploads are dropped while their bytes flow. */
export async function uploads({ stage, pool }: Ground): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await stage.fill(pool, 4, '/slow/30');
    await stage.wait(stage.between(0, 400));
    const body = Buffer.alloc(stage.between(2, 5) * 1_000_000);
    await stage.strike(undefined, pool, 3, { path: '/reset', method: 'POST', body });
  }
}
