import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ClientKind, makeClient } from './clients';
import { isolated } from './peers/path';
import type { CorpusPeer } from './peers/peer';
import { startProxy } from './peers/proxies';
import { startScripted } from './peers/scripted';
import { CASES, type Case } from './robustness';
import { type Told, told, watch } from './watch';

/*
 * `npm run idle-timeouts`: how well the idle timeouts of real servers are learned. For each server, timeout and client:
 * four idle closings, one after the other, then the timeout that the next span reports. Then the cases in which it is
 * easy to learn a wrong one. Prints two tables; exits with 1 if a timeout is off by more than 10 % or 200 ms.
 */
const IDLE_TIMEOUTS_MS = [1_000, 2_000, 5_000];
const CLOSURES = 4;
const AT_ONCE = 4;
const execute = promisify(execFile);

const SERVERS: Readonly<Record<string, (idleMs: number) => Promise<CorpusPeer>>> = {
  nginx: (idleMs) => startProxy('nginx', { idleMs }),
  haproxy: (idleMs) => startProxy('haproxy', { idleMs }),
  apache: (idleMs) => startProxy('apache', { idleMs }),
  node: (idleMs) => startScripted('node', { idleMs }),
};

interface Row {
  readonly server: string;
  readonly client: ClientKind;
  readonly 'in force, ms': number;
  'learned, ms'?: number | undefined;
  source?: string | undefined;
  'after closures'?: number | undefined;
  right: boolean;
}

function isNear(ms: number, timeoutMs: number): boolean {
  return Math.abs(ms - timeoutMs) <= Math.max(200, timeoutMs * 0.1);
}

async function measure(server: string, client: ClientKind, peer: CorpusPeer): Promise<Row> {
  const row: Row = { server, client, 'in force, ms': peer.idleMs, right: false };
  const { send, close } = makeClient(client, `http://${peer.host}:${peer.port}`);
  for (let closures = 0; closures <= CLOSURES; closures += 1) {
    const id = `${server}-${client}-${peer.port}-${closures}`;
    await send({ id });
    const { ms, source } = told(id);
    if (ms !== undefined && (source === 'observed' || row['learned, ms'] === undefined)) {
      row['learned, ms'] = ms;
      row.source = source;
      row['after closures'] ??= closures;
    }
    if (closures < CLOSURES) await new Promise((resolve) => setTimeout(resolve, peer.idleMs + 700));
  }
  close();
  const learned = row['learned, ms'] ?? 0;
  // What a server announces is its own word: Node grants a second more.
  const grace = row.source === 'announced' && server === 'node' ? 1_000 : 0;
  row.right = isNear(learned, peer.idleMs) || Math.abs(learned - peer.idleMs) <= grace;
  return row;
}

async function measureAll(): Promise<boolean> {
  watch();
  const work: Promise<Row>[] = [];
  const peers: CorpusPeer[] = [];
  for (const [server, start] of Object.entries(SERVERS)) {
    for (const idleMs of IDLE_TIMEOUTS_MS) {
      for (const client of ['http', 'fetch'] as const) {
        const peer = await start(idleMs);
        peers.push(peer);
        work.push(measure(server, client, peer));
      }
    }
  }
  const rows = await Promise.all(work);
  console.table(rows);
  for (const peer of peers) await peer.stop();
  return rows.every(({ right }) => right);
}

/** Each in a process of its own, some at once: they wait most of the time. */
async function playCases(): Promise<boolean> {
  const prefix = isolated();
  const jobs = CASES.flatMap((one) => one.clients.map((client) => ({ one, client })));
  const rows: object[] = [];
  let isRight = true;
  const play = async (one: Case, client: ClientKind) => {
    if (one.isolated && prefix === undefined) {
      console.error(`skipped: ${one.name}: it needs a network namespace (root, iproute2, python3)`);
      return;
    }
    const program = [process.execPath, path.join(__dirname, 'robustness.js'), one.name, client];
    const [command = '', ...args] = one.isolated ? [...(prefix ?? []), ...program] : program;
    const { stdout } = await execute(command, args, { timeout: 180_000 });
    const words: Told[] = JSON.parse(stdout);
    const isTrue = ({ ms }: Told) => ms === undefined || one.trueMs.some((timeoutMs) => isNear(ms, timeoutMs));
    const last = words.at(-1)?.ms;
    const right = words.length > 0 && words.every(isTrue) && (one.last === undefined || isNear(last ?? 0, one.last));
    isRight &&= right;
    const list = words.map(({ ms }) => ms ?? '-').join(' ');
    rows.push({ case: one.name, client, 'true, ms': one.trueMs.join(', ') || 'none', 'told, ms': list, right });
  };
  const worker = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await play(job.one, job.client);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.table(rows);
  return isRight;
}

async function main(): Promise<void> {
  console.log(`Node ${process.version}`);
  const isLearned = await measureAll();
  const isRobust = await playCases();
  process.exitCode = isLearned && isRobust ? 0 : 1;
}

void main();
