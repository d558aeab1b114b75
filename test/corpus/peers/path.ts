import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { gone } from './peer';

/** How a path forgets: nothing is heard any more, or a middlebox near the client or the peer answers with an RST. */
export type Forgetting = 'silent' | 'near' | 'far';

/** A way to a network namespace of its own, on which every packet, SYN and FIN too, takes half the round trip. */
export interface Path {
  /** Address of a peer that listens there. */
  readonly host: string;
  /** Prefix of the command that starts it there. */
  readonly exec: readonly string[];
  /** Forgets the connections of so far; new ones go well. */
  forget(how: Forgetting): Promise<void>;
  stop(): Promise<void>;
}

const HOST = '10.7.7.2';
const PROGRAM = path.resolve(__dirname, '../../../../test/corpus/peers/path.py');
const ISOLATED = ['unshare', '--net'];

/** Prefix of a command whose process gets a network of its own; undefined where that is not allowed. */
export function isolated(): readonly string[] | undefined {
  const ways = [ISOLATED, [...ISOLATED, '--map-root-user']];
  return ways.find(([command = '', ...args]) => {
    const told = spawnSync(command, [...args, 'sh', '-c', 'ip link add c0 type veth peer name c1 && python3 -c ""']);
    return told.status === 0;
  });
}

/** Only in a process that was started with `isolated()`: it adds interfaces. */
export async function startPath(roundTripMs: number): Promise<Path> {
  const [command = '', ...args] = ISOLATED;
  const holder = spawn(command, [...args, 'sh', '-c', 'echo; exec sleep 300'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const exec = ['nsenter', '--net', '--target', `${holder.pid}`];
  const run = (line: string, prefix: readonly string[] = []) => {
    const [first = '', ...rest] = [...prefix, ...line.split(' ')];
    execFileSync(first, rest);
  };
  run('ip link add c0 type veth peer name c1');
  run('ip link add p0 type veth peer name p1');
  run(`ip link set p0 netns ${holder.pid}`);
  for (const name of ['lo', 'c0', 'c1', 'p1']) run(`ip link set ${name} up`);
  run('ip address add 10.7.7.1/24 dev c0');
  run(`ip address add ${HOST}/24 dev p0`, exec);
  run('ip link set p0 up', exec);
  run('ip link set lo up', exec);
  run(`python3 ${PROGRAM} plain c0`);
  run(`python3 ${PROGRAM} plain p0`, exec);
  const bridge = spawn('python3', [PROGRAM, 'bridge', 'c1', 'p1', `${roundTripMs / 2}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(bridge.stdout, 'data');
  return {
    host: HOST,
    exec,
    async forget(how) {
      const told = once(bridge.stdout, 'data');
      bridge.stdin.write(`forget ${how}\n`);
      await told;
    },
    async stop() {
      for (const child of [bridge, holder]) {
        child.kill('SIGKILL');
        await gone(child);
      }
    },
  };
}
