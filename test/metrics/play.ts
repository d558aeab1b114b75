import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import type { SocketInstrumentation } from '../../src/index';
import { processState } from '../../src/observe/process/process-state';
import { talliesIn } from '../../src/report/tally';
import { closedPort } from '../support/fresh-port';
import { type TestMeter, total } from '../support/metric-reader';
import { exchange } from '../support/peer';
import { isConnecting, KINDS, type Kind, written } from './clients';
import { stopClock } from './clock';
import { type Counts, countsOf, differenceOf, expectedOf, type Site, settled, sumOf } from './counts';
import { startWitness } from './witness';

/** What the servers announce whose clients have one connection, and how long all connections are left alone at a time. */
const HINT = 'timeout=60';
const RESTS_MS = [54_000, 56_000, 58_000, 70_000];
const STEPS = [
  'ok',
  'ok',
  'burst',
  'burst',
  'drop-fin',
  'drop-rst',
  'cut',
  'hang',
  'abort',
  'stale',
  'hold',
  'refused',
];

/** Numbers that are the same in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function startSite({ name, make, secure = false, limit = 4 }: Kind, now: () => number): Promise<Site> {
  const witness = await startWitness({ secure, hint: limit === 1 ? HINT : '', now });
  return { name, witness, client: make(witness), limit, sent: 0, lost: 0, written: 0, diedIdle: 0 };
}

async function send(site: Site, step: string, how?: 'timeout' | 'cancel'): Promise<unknown> {
  site.sent += 1;
  const giveUp = how && { when: site.witness.arrived(step), how };
  return site.client.send(step, giveUp);
}

/** `once()` would take the error before it for the end. */
function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** The server ends all its connections; a request that is sent in the same tick cannot know. */
async function stale(site: Site): Promise<void> {
  const { witness, client } = site;
  const pooled = client.pooled();
  const closed = pooled.map(closing);
  const before = written.get(witness.port);
  const seen = witness.seen.length;
  witness.endAll();
  const error = await send(site, 'ok');
  await Promise.all(closed);
  const wasSeen = witness.seen.length > seen;
  assert.equal(error === undefined, wasSeen);
  // undici looks before it writes; what it finds dead it never had.
  const wasWritten = !wasSeen && (before === undefined || written.get(witness.port) !== before);
  if (!wasSeen) site.lost += 1;
  if (wasWritten) site.written += 1;
  site.diedIdle += pooled.length - (wasWritten ? 1 : 0);
}

async function play(site: Site, step: string): Promise<void> {
  // Which connection a request gets is the client's secret: if one is fresh, nobody knows whether it was reused.
  if (step === 'stale' && site.witness.spare === 0) await stale(site);
  else if (step === 'hang') await send(site, step, 'timeout');
  else if (step === 'abort') await send(site, step, 'cancel');
  else if (step !== 'burst') await send(site, step === 'stale' ? 'ok' : step);
  else if (site.limit > 1) await Promise.all([send(site, 'ok'), send(site, 'ok'), send(site, 'ok')]);
  else for (let i = 0; i < 3; i += 1) await send(site, 'ok');
  await agreed(site);
}

/** Both ends know of the same connections. */
async function agreed({ name, witness, client }: Site): Promise<void> {
  await witness.settled();
  const isOpen = () => !isConnecting() && client.pooled().length === witness.open;
  for (let i = 0; i < 10_000 && !isOpen(); i += 1) await new Promise(setImmediate);
  assert.equal(client.pooled().length, witness.open, name);
}

interface Run {
  readonly seed: number;
  readonly requests: number;
  /** Names of clients; all of them if there is none. */
  readonly only?: readonly string[];
  /** How many of their origins share `_OTHER`, with the one that nobody listens at: those that come last. */
  readonly others?: number;
}

/** A random run with faults; throws if one count does not agree with what the servers saw. */
export async function reconcile(meter: TestMeter, instrumentation: SocketInstrumentation, run: Run): Promise<void> {
  const { others: shared = 0 } = run;
  const clock = stopClock();
  const kinds = KINDS.filter(({ name }) => run.only?.includes(name) ?? true);
  const sites = await Promise.all(kinds.map((kind) => startSite(kind, clock.now)));
  const own = sites.slice(0, sites.length - shared);
  const others = sites.slice(own.length);
  const dead = { port: await closedPort(), secure: false };
  const known = talliesIn(processState)
    .measure([], 1)
    .filter(({ host }) => host !== '_OTHER').length;
  const places = known + own.length;
  // One that nobody listens at has a place of its own as long as half of them are free.
  instrumentation.setConfig({ maxOrigins: shared > 0 ? places : 2 * places + 2 });
  const where = shared > 0 ? undefined : dead.port;
  const before = countsOf(await meter.series(where));
  let refused = 0;

  /** Open connections are right at this very moment: of the site that holds requests, these are active. */
  async function look(holding?: Site): Promise<void> {
    // undici makes and closes connections when it likes.
    for (const site of sites) await agreed(site);
    const all = await meter.all();
    const states = (port: number | undefined) =>
      ['active', 'idle'].map((state) => {
        const series = all.filter(({ attributes }) => attributes['server.port'] === port);
        return total(series, 'http.client.open_connections', { 'http.connection.state': state });
      });
    const expected = (of: readonly Site[]) => {
      const held = holding !== undefined && of.includes(holding) ? holding.witness.held : 0;
      return [held, of.reduce((sum, { witness }) => sum + witness.open, 0) - held];
    };
    for (const site of own) assert.deepEqual(states(site.witness.port), expected([site]), site.name);
    if (shared > 0) assert.deepEqual(states(undefined), expected(others), '_OTHER');
  }

  async function hold(site: Site, count: number): Promise<void> {
    const { witness } = site;
    const requests = Array.from({ length: count }, () => send(site, 'hold'));
    while (witness.held < count) await witness.arrived('hold');
    await look(site);
    witness.release();
    await Promise.all(requests);
    await look();
  }

  async function rest(ms: number): Promise<void> {
    clock.move(ms);
    for (const site of sites) if (site.limit === 1) await play(site, 'ok');
  }

  try {
    for (const site of sites) await play(site, 'ok');
    const random = randomFrom(run.seed);
    while (sites.reduce((sum, { sent }) => sum + sent, refused) < run.requests) {
      const site = sites[random(sites.length)];
      const step = STEPS[random(STEPS.length)];
      if (site === undefined || step === undefined) continue;
      if (random(20) === 0) await rest(RESTS_MS[random(RESTS_MS.length)] ?? 0);
      if (step === 'hold') await hold(site, 1 + random(site.limit));
      else if (step === 'refused') {
        refused += 1;
        await exchange(dead, '/');
      } else await play(site, step);
    }
    await look();
    for (const site of sites) await finish(site);
  } finally {
    clock.release();
    instrumentation.setConfig({});
    for (const { witness } of sites) witness.stop();
  }

  const sum = (key: 'lost' | 'diedIdle') => sites.reduce((all, site) => all + site[key], 0);
  assert.ok(refused > 5 && sum('lost') > 5 && sum('diedIdle') > 5, 'a run worth it');
  const agree = (found: Counts, expected: Counts, name: string) =>
    assert.deepEqual(settled(found, expected), expected, name);
  for (const site of own) agree(countsOf(await meter.series(site.witness.port)), expectedOf(site), site.name);
  const found = differenceOf(countsOf(await meter.series(where)), before);
  const { rare: _, ...nothing } = differenceOf(found, found);
  agree(found, sumOf(nothing, ...others.map(expectedOf), { failures: refused, refused }), 'the other origins');
}

async function finish(site: Site): Promise<void> {
  const { client, witness } = site;
  const pooled = client.pooled();
  const closed = pooled.map(closing);
  if (client.close !== undefined) await client.close();
  else {
    site.diedIdle += pooled.length;
    witness.endAll();
  }
  await Promise.all([...closed, witness.drained()]);
}
