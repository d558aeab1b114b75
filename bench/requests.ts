import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/**
 * `plain`: no OpenTelemetry. `instrumented`: the HTTP instrumentation of the client alone. The others: this package beside
 * it; `metrics` is `essential` with an SDK that has metrics, too.
 */
export type Variant = 'plain' | 'instrumented' | 'essential' | 'metrics' | 'full';

/** Which client makes the requests. */
export type Client = 'http' | 'fetch';

/** What one request cost in one round. */
export interface Round {
  readonly wallUs: number;
  /** User and system time of the client's process. */
  readonly cpuUs: number;
  /** Allocated on the JavaScript heap, if no collection ran during the round. */
  readonly bytes: number;
}

const VARIANTS: readonly Variant[] = ['plain', 'instrumented', 'essential', 'metrics', 'full'];
const REQUESTS = 500;
const WARM_UP = 10;
const BUDGET_MS = Number(process.argv[2] ?? 45) * 1_000;
/** A young generation larger than what a round allocates, to count it; times are taken with Node's own settings. */
const HEAP = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];

function start(client: Client, variant: Variant, port: unknown, execArgv: string[]): ChildProcess {
  return fork(path.join(__dirname, 'client.js'), [variant, String(port), client], { execArgv });
}

async function allocated(of: Client, variant: Variant, port: unknown): Promise<number> {
  const client = start(of, variant, port, HEAP);
  const rounds: Round[] = [];
  for (let i = 0; i < 5; i += 1) rounds.push(await ask(client, REQUESTS));
  client.disconnect();
  return median(rounds.slice(2), 'bytes');
}

async function ask(client: ChildProcess, requests: number): Promise<Round> {
  client.send(requests);
  const [round] = (await once(client, 'message')) as [Round];
  return round;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** Median of `measure` over the rounds. */
function median(rounds: readonly Round[], measure: keyof Round): number {
  return quantile(
    rounds.map((round) => round[measure]),
    0.5,
  );
}

/** Median and quartiles of what a variant costs over the instrumentation alone, round by round. */
function ratio(rounds: readonly Round[], base: readonly Round[], measure: keyof Round): string {
  const ratios = rounds.map((round, i) => round[measure] / (base[i]?.[measure] ?? Number.NaN));
  const [low, mid, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(3));
  return `${mid} (${low} to ${high})`;
}

async function compare(of: Client): Promise<void> {
  const server = fork(path.join(__dirname, 'server.js'));
  const [port] = await once(server, 'message');
  const clients = new Map<Variant, ChildProcess>();
  const rounds = new Map<Variant, Round[]>();
  for (const variant of VARIANTS) {
    clients.set(variant, start(of, variant, port, []));
    rounds.set(variant, []);
  }
  let played = -WARM_UP;
  for (const end = Date.now() + BUDGET_MS; Date.now() < end; played += 1) {
    // Another order in every round, so that no variant always follows the same one.
    for (let i = 0; i < VARIANTS.length; i += 1) {
      const variant = VARIANTS[(i + played + WARM_UP) % VARIANTS.length] ?? 'plain';
      const client = clients.get(variant);
      const round = client && (await ask(client, REQUESTS));
      if (round && played >= 0) rounds.get(variant)?.push(round);
    }
  }
  const bytes = new Map<Variant, number>();
  for (const variant of VARIANTS) bytes.set(variant, await allocated(of, variant, port));
  for (const child of [server, ...clients.values()]) child.disconnect();

  console.log(
    `${of}, Node ${process.version}, ${played} rounds of ${REQUESTS} sequential requests a variant, one connection`,
  );
  const base = rounds.get('instrumented') ?? [];
  console.table(
    Object.fromEntries(
      VARIANTS.map((variant) => {
        const own = rounds.get(variant) ?? [];
        return [
          variant,
          {
            'wall µs': median(own, 'wallUs').toFixed(1),
            'ratio to instrumented': ratio(own, base, 'wallUs'),
            'CPU µs': median(own, 'cpuUs').toFixed(1),
            'CPU ratio to instrumented': ratio(own, base, 'cpuUs'),
            'heap bytes': bytes.get(variant)?.toFixed(0),
          },
        ];
      }),
    ),
  );
}

async function main(): Promise<void> {
  await compare('http');
  await compare('fetch');
}

if (require.main === module) void main();
