import type { Ground } from './ground';

type Event = (ground: Ground) => Promise<void> | void;

const UPLOAD = Buffer.alloc(600_000);

function answered({ stage, pool }: Ground): Promise<void> {
  return stage.strike(undefined, pool, stage.between(1, 4), { path: `/slow/${stage.between(1, 60)}` });
}

function dropped({ stage, pool }: Ground): Promise<void> {
  return stage.strike(undefined, pool, stage.between(1, 2), { path: stage.pick('/reset', '/close') });
}

function aborted({ stage, pool }: Ground): Promise<void> {
  const path = `/${stage.pick('cut', 'cutrst', 'half')}/${stage.between(20, 800)}`;
  return stage.strike(undefined, pool, stage.between(1, 2), { path });
}

/** Idle connections end while this process looks away; the next requests take them, or others. */
async function closed({ stage, peer, pool }: Ground): Promise<void> {
  await stage.turn();
  peer.command({ do: 'end-idle', how: stage.pick('fin', 'rst', 'destroy'), every: stage.between(1, 3), of: 'others' });
  stage.block(stage.between(1, 60));
  await stage.strike(undefined, pool, stage.between(1, 4));
}

/** Idle connections end, and this process sees it. */
function burst({ stage, peer }: Ground): void {
  peer.command({ do: 'end-idle', how: stage.pick('fin', 'rst'), every: stage.between(1, 4) });
}

function tooLarge({ stage, pool }: Ground): Promise<void> {
  return stage.strike(undefined, pool, 1, { path: '/early/413', method: 'POST', body: UPLOAD });
}

function busy({ stage }: Ground): void {
  stage.block(stage.between(1, 40));
}

/** Each as often as it stands there. */
const EVENTS: readonly Event[] = [
  ...Array.from({ length: 12 }, () => answered),
  ...[dropped, dropped, dropped],
  ...[aborted, aborted, aborted],
  ...[closed, closed, closed],
  burst,
  tooLarge,
  busy,
];

/** Everything at random, for some seconds. */
export async function mixed(ground: Ground): Promise<void> {
  const { stage } = ground;
  const pending: Promise<void>[] = [];
  const endMs = performance.now() + 5_000;
  while (performance.now() < endMs) {
    pending.push(Promise.resolve(stage.pick(...EVENTS)(ground)));
    await stage.wait(stage.between(20, 150));
  }
  await Promise.all(pending);
}
