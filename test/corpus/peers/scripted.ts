import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { blockUntil, type Command, type CorpusPeer, gone, type PeerOptions } from './peer';

/** Node's http server waits a second longer than it says (20.20 too). */
const BUFFER_MS = 1_000;

/** Node's http server, or the bare TCP server that does as told. */
export async function startScripted(kind: 'node' | 'scripted', first: PeerOptions = {}): Promise<CorpusPeer> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'corpus-'));
  const file = (name: string) => path.join(folder, name);
  for (const name of ['processed', 'fates', 'done']) fs.writeFileSync(file(name), '');
  const size = (name: string) => fs.statSync(file(name)).size;
  let options = first;
  let child: ChildProcess;
  let port = 0;
  const deaths: { fromMs: number; toMs: number }[] = [];
  const start = async () => {
    const [command = process.execPath, ...args] = [...(options.exec ?? []), process.execPath];
    const program = path.join(__dirname, 'scripted-server.js');
    const told = JSON.stringify(port === 0 ? options : { ...options, port });
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    child = spawn(command, [...args, program, kind, folder, told], { stdio: [...stdio] });
    [port] = (await once(child, 'message')) as [number];
  };
  await start();
  const limit = options.idleMs === undefined ? 0 : options.idleMs + (kind === 'node' ? BUFFER_MS : 0);
  return {
    idleMs: limit,
    host: options.host ?? '127.0.0.1',
    get port() {
      return port;
    },
    processed: () => new Set(fs.readFileSync(file('processed'), 'utf8').split('\n')),
    fates() {
      const lines = fs.readFileSync(file('fates'), 'utf8').split('\n');
      const words = lines.map((line) => line.split(' '));
      const of = (kind: string) => words.filter(([first]) => first === kind);
      return {
        causes: new Map(of('did').map(([, id = '', cause = '']) => [id, cause])),
        endings: new Map(of('ended').map(([, port, reason = '']) => [Number(port), reason])),
      };
    },
    command(what: Command) {
      const before = size('done');
      child.send(what);
      blockUntil(() => size('done') > before, `command ${what.do}`);
    },
    async reload(changed) {
      options = changed;
      child.kill('SIGKILL');
      await gone(child);
      await start();
    },
    deaths,
    async kill(signal) {
      const fromMs = performance.now();
      child.kill(signal);
      await gone(child);
      deaths.push({ fromMs, toMs: performance.now() });
    },
    start,
    async stop() {
      child.kill('SIGKILL');
      await gone(child);
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
