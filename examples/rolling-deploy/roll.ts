import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port';
import { diagnose } from './diagnose';
import type { InstanceSetup, LoadSetup, PathName, ServerName, Way } from './messages';
import { startProxy } from './paths/proxies';
import { clientSpans } from './spans';
import { type Roll, tally } from './tally';

/** A supervisor starts another instance only when it sees that one is gone. */
const RESTART_MS = 300;
/** How long an instance may take to leave: `close` takes all of it wherever its clients go on. */
const GRACE_MS = { killed: 3_000, close: 2_500, drained: 8_000 };
/** Between the two instances: nginx tries one again only once a second, its `fail_timeout`, has passed, or nearly two. */
const SETTLE_MS = { direct: 700, nginx: 3_000, haproxy: 700 };

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Ends every process that this module started, and removes what they left. */
export function endAll(): void {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
}

function track(child: ChildProcess): ChildProcess {
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

function start(file: string, setup: InstanceSetup | LoadSetup): ChildProcess {
  const env = { ...process.env, OTEL_SDK_DISABLED: 'false', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
  return track(fork(path.join(__dirname, file), [JSON.stringify(setup)], { env }));
}

async function listen(child: ChildProcess): Promise<void> {
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`an instance ended with ${code} before it listened`)));
  });
  child.send('listen');
  await ready;
}

/** Ends an instance in its way; resolves to whether it had to be killed in the end. */
async function endInstance(child: ChildProcess, way: Way): Promise<boolean> {
  const exit = once(child, 'exit');
  if (way === 'killed') child.send('die');
  else child.kill('SIGTERM');
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    child.kill('SIGKILL');
  }, GRACE_MS[way]);
  await exit;
  clearTimeout(timer);
  return isOverdue;
}

/** Rolls both instances, one after the other, while load runs. The spans are kept in `spansFolder`, if there is one. */
export async function roll(name: PathName, server: ServerName, way: Way, spansFolder?: string): Promise<Roll> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rolling-deploy-'));
  folders.add(folder);
  const setups: InstanceSetup[] = [];
  for (let i = 0; i < 2; i += 1) {
    setups.push({ server, way, port: await freePort(), isWatched: name !== 'nginx' });
  }
  const instances = setups.map((setup) => start('instance.js', setup));
  await Promise.all(instances.map(listen));
  const ports = setups.map(({ port }) => port);
  const [proxy, proxyPort] = name === 'direct' ? [] : await startProxy(name, folder, ports);
  if (proxy !== undefined) track(proxy);
  const file = path.join(folder, 'spans.jsonl');
  const load = start('load.js', { ports: proxyPort === undefined ? ports : [proxyPort], file });
  await once(load, 'message');
  await sleep(500);

  let overdue = 0;
  const replacements: ChildProcess[] = [];
  for (const [i, setup] of setups.entries()) {
    const replacement = start('instance.js', setup);
    replacements.push(replacement);
    if (await endInstance(instances[i] as ChildProcess, way)) overdue += 1;
    if (way === 'killed') await sleep(RESTART_MS);
    await listen(replacement);
    await sleep(SETTLE_MS[name]);
  }
  const ended = once(load, 'exit');
  load.send('stop');
  await ended;
  for (const child of [...replacements, proxy]) child?.kill('SIGKILL');
  if (spansFolder !== undefined) {
    fs.mkdirSync(spansFolder, { recursive: true });
    fs.copyFileSync(file, path.join(spansFolder, `${name}-${server}-${way}.jsonl`));
  }
  return { path: name, server, way, ...tally(clientSpans(file)), incidents: await diagnose(file), overdue };
}
