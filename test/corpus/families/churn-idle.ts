import { type Ground, labelled } from './ground';

/** It closes idle connections while this process looks away, and never did so before. */
export async function closed({ stage, peer, pool }: Ground): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    const connections = stage.between(4, 12);
    await stage.fill(pool, connections, '/slow/30');
    await stage.wait(stage.between(0, 600));
    await stage.turn();
    peer.command({ do: 'end-idle', how: stage.pick('fin', 'rst', 'destroy'), of: 'others' });
    // The longer this process looks away, the more often that happens.
    stage.block(stage.between(5, 150));
    await stage.strike(undefined, pool, connections);
  }
}

/** Its idle timeout, which its earlier closings show, passes while this process looks away. */
export async function timedOut({ stage, peer, pool }: Ground): Promise<void> {
  await stage.learn(pool, peer.idleMs, 3);
  for (let round = 0; round < 2; round += 1) {
    await stage.fill(pool, 30, '/slow/30');
    stage.block(peer.idleMs + stage.between(100, 300));
    await stage.strike(undefined, pool, 30);
  }
}

/** Its idle timeout, which it announces, passes while this process looks away. */
export async function announced({ stage, peer, pool }: Ground): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    await stage.fill(pool, 45, '/slow/30');
    stage.block(peer.idleMs + stage.between(100, 300));
    await stage.strike(undefined, pool, 45);
  }
}

/** It retires connections after so many requests, and this process does not see that in time. */
export async function retired({ stage, peer, kind }: Ground): Promise<void> {
  for (let i = 0; i < 8; i += 1) {
    const pool = labelled(stage, stage.client(peer, kind, { maxSockets: 1 }));
    for (let request = 0; request < 3; request += 1) {
      await pool.send({ id: stage.id() });
      await stage.wait(stage.between(0, 150));
    }
    // Every other one shows how the peer does it.
    const last = pool.send({ id: stage.id() });
    if (i % 2 === 1) await stage.strike(undefined, pool, 1);
    await last;
    await stage.wait(20);
  }
}
