import type { ClientKind } from './clients';
import type { CorpusPeer } from './peers/peer';
import { Stage } from './stage';
import { type Told, told, watch } from './watch';

/** A life of a peer that is hard to learn from. */
export interface Case {
  readonly name: string;
  readonly clients: readonly ClientKind[];
  readonly isolated?: boolean;
  /** The idle timeouts that are true at one time or another; any other is wrong. None: nothing may be learned. */
  readonly trueMs: readonly number[];
  /** What has to be known in the end. */
  readonly last?: number;
  readonly play: (stage: Stage, kind: ClientKind, ask: Ask) => Promise<void>;
}

/** Sends one request and notes which idle timeout its span shows. */
type Ask = (client: ReturnType<Stage['client']>) => Promise<void>;

const BOTH: readonly ClientKind[] = ['http', 'fetch'];

function timeoutChanges(server: 'nginx' | 'haproxy'): Case['play'] {
  return async (stage, kind, ask) => {
    const peer = await stage.peer(server, { idleMs: 1_000 });
    const pool = stage.client(peer, kind);
    for (const ms of [1_500, 1_500, 1_500, 400]) {
      await ask(pool);
      await stage.wait(ms);
    }
    await peer.reload({ idleMs: 2_000 });
    for (let i = 0; i < 4; i += 1) {
      await ask(pool);
      await stage.wait(2_600);
    }
    await ask(pool);
  };
}

/** Two proxies of different idle timeouts, in turn or by chance. */
function twoProxies(connections: number): Case['play'] {
  return async (stage, kind, ask) => {
    const peers = [await stage.peer('nginx', { idleMs: 1_000 }), await stage.peer('nginx', { idleMs: 2_000 })];
    const pool = stage.client(await stage.relay(peers, 0), kind);
    for (let i = 0; i < 6; i += 1) {
      await Promise.all(Array.from({ length: connections }, () => ask(pool)));
      await stage.wait(2_600);
    }
    await ask(pool);
  };
}

/** Its connections are of several idle ages when it is stopped, again and again. */
async function restarts(stage: Stage, kind: ClientKind, ask: Ask): Promise<void> {
  const peer = await stage.peer('nginx');
  for (let i = 0; i < 4; i += 1) {
    const pools = Array.from({ length: 4 }, () => stage.client(peer, kind));
    for (const pool of pools) {
      await ask(pool);
      await stage.wait(stage.between(150, 700));
    }
    await peer.kill('SIGTERM');
    await stage.wait(100);
    await peer.start();
    await stage.wait(1_100);
  }
  await ask(stage.client(peer, kind));
}

/** One connection, and a stop of the peer at whatever idle age it has. */
async function loneRestarts(stage: Stage, kind: ClientKind, ask: Ask): Promise<void> {
  const peer = await stage.peer('haproxy');
  const pool = stage.client(peer, kind);
  for (const idleMs of [400, 1_300, 700, 2_500, 1_900]) {
    await ask(pool);
    await stage.wait(idleMs);
    await peer.kill('SIGTERM');
    await peer.start();
  }
  await ask(pool);
}

/** Requests at uneven moments, to a peer that ends connections by something else than idleness. */
function recycled(start: (stage: Stage) => Promise<CorpusPeer>, waits: readonly number[]): Case['play'] {
  return async (stage, kind, ask) => {
    const pool = stage.client(await start(stage), kind);
    for (let i = 0; i < 4; i += 1) {
      for (const ms of waits) {
        await ask(pool);
        await stage.wait(ms * (1 + 0.2 * i));
      }
    }
    await ask(pool);
  };
}

/** Nothing is heard from idle connections any more: TCP's own probes give them up, 10 of one second each (facts of Node). */
function probes(keepAliveMsecs: number): Case['play'] {
  return async (stage, kind, ask) => {
    const path = await stage.path(2);
    const pool = stage.client(await stage.peer('scripted', path), kind, { keepAliveMsecs });
    for (let i = 0; i < 3; i += 1) {
      await ask(pool);
      await path.forget('silent');
      await stage.wait(12_500 + keepAliveMsecs);
    }
    await ask(pool);
  };
}

/** Four peers behind one name are restarted one after the other, each with its idle connection; and again. */
async function rolling(stage: Stage, kind: ClientKind, ask: Ask): Promise<void> {
  const peers = await Promise.all(Array.from({ length: 4 }, () => stage.peer('nginx')));
  const pool = stage.client(await stage.relay(peers, 0), kind);
  for (const idleMs of [9_000, 14_000]) {
    await Promise.all(peers.map(() => ask(pool)));
    await stage.wait(idleMs);
    for (const peer of peers) {
      await peer.kill('SIGTERM');
      await peer.start();
      await stage.wait(1_100);
    }
  }
  await ask(pool);
}

/** One connection after the other, by a process that may be busy for a part of the time. */
function learned(jitter: number, busyMs: number): Case['play'] {
  return async (stage, kind, ask) => {
    const pool = stage.client(await stage.peer('scripted', { idleMs: 2_000, jitter }), kind);
    if (busyMs > 0) setInterval(() => stage.block(busyMs), 100);
    for (let i = 0; i < 6; i += 1) {
      await ask(pool);
      await stage.wait(2_700);
    }
    await ask(pool);
  };
}

export const CASES: readonly Case[] = [
  { name: 'nginx is reloaded', clients: BOTH, trueMs: [1_000, 2_000], last: 2_000, play: timeoutChanges('nginx') },
  { name: 'haproxy is reloaded', clients: BOTH, trueMs: [1_000, 2_000], last: 2_000, play: timeoutChanges('haproxy') },
  { name: 'two proxies, one connection', clients: BOTH, trueMs: [], play: twoProxies(1) },
  { name: 'two proxies, six connections', clients: BOTH, trueMs: [], play: twoProxies(6) },
  { name: 'restarts', clients: BOTH, trueMs: [], play: restarts },
  { name: 'restarts, one connection', clients: BOTH, trueMs: [], play: loneRestarts },
  {
    name: 'a number of requests',
    clients: BOTH,
    trueMs: [],
    play: recycled((stage) => stage.peer('scripted', { maxRequests: 3 }), [200, 900, 300]),
  },
  {
    name: 'a number of requests, nginx',
    clients: BOTH,
    trueMs: [],
    play: recycled((stage) => stage.peer('nginx', { maxRequests: 3 }), [200, 900, 300]),
  },
  {
    name: 'an age',
    clients: BOTH,
    trueMs: [],
    play: recycled((stage) => stage.peer('scripted', { maxAgeMs: 2_000 }), [500, 200, 900, 350]),
  },
  {
    name: 'an age, nginx',
    clients: BOTH,
    trueMs: [],
    play: recycled((stage) => stage.peer('nginx', { maxAgeMs: 2_000 }), [500, 200, 900, 350]),
  },
  { name: 'a rolling restart', clients: BOTH, trueMs: [], play: rolling },
  { name: 'a timeout that varies', clients: BOTH, trueMs: [2_000], play: learned(0.1, 0) },
  { name: 'a busy process', clients: BOTH, trueMs: [2_000], last: 2_000, play: learned(0, 30) },
  { name: 'a silent path', clients: ['http', 'agentkeepalive'], isolated: true, trueMs: [], play: probes(1_000) },
  { name: 'a silent path, probed later', clients: ['http'], isolated: true, trueMs: [], play: probes(3_000) },
];

/** Plays one case in this process, and prints what the spans told, one after the other, as JSON. */
async function main(name: string, kind: ClientKind): Promise<void> {
  const one = CASES.find((candidate) => candidate.name === name);
  if (one === undefined) throw new Error(`no case is called ${name}`);
  watch();
  const stage = new Stage(name, 1);
  const words: Told[] = [];
  await one.play(stage, kind, async (client) => {
    // Failures do not matter here: their spans show idle timeouts, too.
    const id = stage.id();
    await client.send({ id }).catch(() => undefined);
    words.push(told(id));
  });
  console.log(JSON.stringify(words));
  await stage.end();
  process.exit();
}

if (require.main === module) {
  const [name = '', kind = 'http'] = process.argv.slice(2);
  void main(name, kind as ClientKind);
}
