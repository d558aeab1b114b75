import { chance } from './chance';
import { type ClientKind, makeClient } from './clients';
import type { CorpusPeer } from './peers/peer';
import type { Stage } from './stage';

/** Other connections of an origin, each in a pool of its own: used now and then, idle in between, opened anew when closed. */
export interface Bystanders {
  /** Resolves when the last of their requests has ended. */
  stop(): Promise<void>;
}

/** Resolves when each has had its first answer. `pauseMs`: how long they are idle between two requests, on the average. */
export async function startBystanders(
  stage: Stage,
  peer: CorpusPeer,
  { count, pauseMs, kind }: { readonly count: number; readonly pauseMs: number; readonly kind: ClientKind },
): Promise<Bystanders> {
  let isOver = false;
  let stop: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const origin = `${kind === 'https' ? 'https' : 'http'}://${peer.host}:${peer.port}`;
  const lives: Promise<void>[] = [];
  const firsts = Array.from({ length: count }, async (_, i) => {
    const random = chance(stage.seed * 1_000 + i);
    const client = makeClient(kind, origin, { maxSockets: 1 });
    const ask = () => stage.strike(undefined, client, 1, { path: '/slow/5', method: 'GET' }, 'bystander');
    const live = async () => {
      while (!isOver) {
        await Promise.race([over, stage.wait(2 * pauseMs * random())]);
        if (!isOver) await ask();
      }
      client.close();
    };
    await ask();
    lives.push(live());
  });
  await Promise.all(firsts);
  return {
    async stop() {
      isOver = true;
      stop();
      await Promise.all(lives);
    },
  };
}
