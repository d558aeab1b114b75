import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../free-port';
import type { PathName } from '../messages';
import { haproxyConfig } from './haproxy';
import { nginxConfig } from './nginx';
import type { Place } from './place';

interface Proxy {
  readonly config: (place: Place) => string;
  readonly args: (file: string) => string[];
  readonly debianPackage: string;
}

const proxies: Readonly<Record<Exclude<PathName, 'direct'>, Proxy>> = {
  nginx: {
    config: nginxConfig,
    args: (file) => ['-p', path.dirname(file), '-c', file],
    debianPackage: 'nginx-light',
  },
  haproxy: { config: haproxyConfig, args: (file) => ['-db', '-f', file], debianPackage: 'haproxy' },
};

// Debian puts both where only root's PATH leads.
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` };

/** What to install before this path can be played; undefined if it is there. */
export function missingPackage(name: PathName): string | undefined {
  if (name === 'direct') return undefined;
  return spawnSync(name, ['-v'], { env }).error === undefined ? undefined : proxies[name].debianPackage;
}

/** Starts the proxy; resolves to its process and port once it accepts connections. */
export async function startProxy(
  name: Exclude<PathName, 'direct'>,
  folder: string,
  instances: readonly number[],
): Promise<[ChildProcess, number]> {
  const { config, args } = proxies[name];
  const port = await freePort();
  const file = path.join(folder, `${name}.conf`);
  fs.writeFileSync(file, config({ folder, port, instances }));
  const child = spawn(name, args(file), { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode}: ${said}`);
    await sleep(20);
  }
  return [child, port];
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
