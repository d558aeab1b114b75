import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type Answer, type ChildOptions, type Configuration, isServed, type Scenario, type Slice } from './scenario';
import { interval, median, trimmedMean } from './statistics';

export interface Plan {
  readonly scenario: Scenario;
  /** The first is what the others are compared with. */
  readonly configurations: readonly Configuration[];
  /** Rounds of fresh processes. */
  readonly pairs: number;
  readonly warmUp: number;
  readonly slices: number;
  readonly sliceRequests: number;
  readonly concurrency: number;
}

/** What a configuration cost, compared with the first: medians over the pairs, and 95 % intervals. */
export interface Cost {
  readonly configuration: Configuration;
  /** CPU of the measured process, µs a request. */
  readonly cpuUs: number;
  readonly ratio: number;
  readonly interval: readonly [low: number, high: number];
  readonly addedUs: number;
  readonly wallRatio: number;
}

interface Measured {
  readonly cpuUs: number;
  readonly ratio: number;
  readonly addedUs: number;
  readonly wallRatio: number;
}

/**
 * Plays every configuration in fresh processes that take turns by slices of requests, so that a machine whose speed varies
 * slows all of them alike, and compares slice by slice.
 */
export async function compare(plan: Plan): Promise<Cost[]> {
  const { scenario, configurations, pairs } = plan;
  const upstream = start(plan, { role: 'upstream', configuration: 'bare' });
  const { port } = await answerOf(upstream);
  const rounds: Map<Configuration, Measured>[] = [];
  for (let i = 0; i < pairs; i += 1) rounds.push(await round(plan, port, i));
  upstream.disconnect();
  if (rounds.length === 0) throw new Error(`no round of ${scenario.mode}`);
  return configurations.map((configuration) => summary(configuration, rounds));
}

async function round(plan: Plan, port: number | undefined, index: number): Promise<Map<Configuration, Measured>> {
  const { configurations, slices } = plan;
  const turn = (k: number) =>
    configurations.map((_, j) => configurations[(index + k + j) % configurations.length] ?? '');
  const players = new Map<Configuration, Player>();
  for (const configuration of turn(0)) players.set(configuration, await Player.start(plan, configuration, port));
  const measured = new Map<Configuration, Slice[]>(configurations.map((configuration) => [configuration, []]));
  for (let k = 0; k < slices; k += 1) {
    for (const configuration of turn(k)) {
      const slice = await players.get(configuration)?.slice();
      if (slice !== undefined) measured.get(configuration)?.push(slice);
    }
  }
  for (const player of players.values()) player.stop();
  const base = measured.get(configurations[0] ?? '') ?? [];
  return new Map([...measured].map(([configuration, own]) => [configuration, against(own, base)]));
}

/** One configuration in its process, with the load that it needs if it serves. */
class Player {
  readonly #plan: Plan;
  readonly #child: ChildProcess;
  readonly #load: ChildProcess | undefined;
  #port: number | undefined;

  private constructor(plan: Plan, child: ChildProcess, load: ChildProcess | undefined) {
    this.#plan = plan;
    this.#child = child;
    this.#load = load;
  }

  static async start(plan: Plan, configuration: Configuration, port: number | undefined): Promise<Player> {
    const child = start(plan, { role: 'measured', configuration, port });
    const load = isServed(plan.scenario.mode) ? start(plan, { role: 'load', configuration: 'bare' }) : undefined;
    const player = new Player(plan, child, load);
    player.#port = (await answerOf(child)).port;
    if (load !== undefined) await answerOf(load);
    if (load !== undefined) await ask(load, { port: player.#port, requests: plan.warmUp });
    return player;
  }

  async slice(): Promise<Slice> {
    const { sliceRequests: requests } = this.#plan;
    if (this.#load === undefined) return perRequest(await ask(this.#child, { requests }), requests);
    const { cpuUs: before = 0 } = await ask(this.#child, { requests: 0 });
    const { wallUs } = await ask(this.#load, { port: this.#port, requests });
    const { cpuUs: after = 0 } = await ask(this.#child, { requests: 0 });
    return perRequest({ cpuUs: after - before, wallUs }, requests);
  }

  stop(): void {
    this.#child.disconnect();
    this.#load?.disconnect();
  }
}

function perRequest({ cpuUs = 0, wallUs = 0 }: Answer, requests: number): Slice {
  return { cpuUs: cpuUs / requests, wallUs: wallUs / requests };
}

function against(own: readonly Slice[], base: readonly Slice[]): Measured {
  const added = (of: keyof Slice) => trimmedMean(own.map((slice, k) => slice[of] - (base[k]?.[of] ?? Number.NaN)));
  const mean = (of: keyof Slice) => trimmedMean(base.map((slice) => slice[of]));
  const addedUs = added('cpuUs');
  return {
    cpuUs: trimmedMean(own.map(({ cpuUs }) => cpuUs)),
    addedUs,
    ratio: 1 + addedUs / mean('cpuUs'),
    wallRatio: 1 + added('wallUs') / mean('wallUs'),
  };
}

function summary(configuration: Configuration, rounds: readonly Map<Configuration, Measured>[]): Cost {
  const all = (of: keyof Measured) => rounds.map((one) => one.get(configuration)?.[of] ?? Number.NaN);
  return {
    configuration,
    cpuUs: median(all('cpuUs')),
    ratio: median(all('ratio')),
    interval: interval(all('ratio')),
    addedUs: median(all('addedUs')),
    wallRatio: median(all('wallRatio')),
  };
}

type Role = Pick<ChildOptions, 'role' | 'configuration'> & { readonly port?: number | undefined };

export function start(
  { scenario, warmUp, concurrency }: Plan,
  role: Role,
  execArgv: readonly string[] = [],
): ChildProcess {
  const options = JSON.stringify({ ...scenario, warmUp, concurrency, ...role });
  return fork(path.join(__dirname, 'child.js'), [options], { execArgv: ['--expose-gc', ...execArgv] });
}

export async function ask(child: ChildProcess, order: object): Promise<Answer> {
  child.send(order);
  return answerOf(child);
}

/** The next message of a child; throws if it ends instead. */
export async function answerOf(child: ChildProcess): Promise<Answer> {
  const ended = new AbortController();
  const { signal } = ended;
  const exit = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a measured process ended with ${code}`);
  });
  const message = once(child, 'message', { signal });
  try {
    const [answer] = await Promise.race([message, exit]);
    return answer as Answer;
  } finally {
    ended.abort();
    exit.catch(() => undefined);
    message.catch(() => undefined);
  }
}
