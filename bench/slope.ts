import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { startSdk } from './sdk';

/*
 * Whether memory grows with the number of requests: random ones with faults, without this package and with it.
 *   node build/bench/slope.js [REQUESTS [CLIENT]]     200,000 for each client and configuration
 * Fails where the heap grows by more than 5 bytes a request beyond the control, or a handle is left.
 */
const REQUESTS = 200_000;
const LIMIT_BYTES = 5;
/** How long closed connections take to be gone. */
const CLOSING_MS = 500;
const SAMPLES = 20;
const CONCURRENCY = 20;
const CLIENTS = ['http', 'fetch'] as const;
type Client = (typeof CLIENTS)[number];

interface Role {
  readonly client: Client;
  readonly configuration: string;
  readonly requests: number;
  readonly port: number;
}

/** What a measured process found: bytes by which the heap grows a request, and the connections that were left. */
interface Growth {
  readonly bytes: number;
  readonly handles: readonly string[];
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\n\r\nok';
const CUT = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok';
/** What the path of a request asks the upstream to do with it. */
const ANSWERS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  ok: (socket) => socket.write(OK),
  fin: (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  cut: (socket) => socket.end(CUT),
  'answer-and-close': (socket) => socket.end(OK),
  'not-http': (socket) => socket.end('SSH-2.0\r\n'),
  never: () => undefined,
};
const PATHS = [...Array.from({ length: 20 }, () => 'ok'), ...Object.keys(ANSWERS)];

const open = new Set<Socket>();

async function startUpstream(): Promise<net.Server> {
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    socket.on('data', (bytes) => {
      const path = /^GET \/(\S*)/.exec(bytes.toString('latin1'))?.[1] ?? '';
      ANSWERS[path]?.(socket);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** Random, the same in each process. */
function pathsOf(seed: number): () => string {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return PATHS[state % PATHS.length] ?? 'ok';
  };
}

function clientOf(client: Client, port: number): (path: string) => Promise<unknown> {
  const url = `http://127.0.0.1:${port}/`;
  if (client === 'fetch')
    return async (path) => {
      const signal = path === 'never' ? AbortSignal.timeout(5) : null;
      return (await fetch(url + path, { signal })).text();
    };
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY - 2 });
  return (path) =>
    new Promise((resolve, reject) => {
      const request = http.get(url + path, { agent }, (response) => {
        response.on('end', resolve).on('error', reject).on('aborted', reject).resume();
      });
      request.on('error', reject);
      if (path === 'never') void setTimeout(5).then(() => request.destroy());
    });
}

async function measured({ client, configuration, requests, port }: Role): Promise<void> {
  startSdk({ mode: client, role: 'measured', configuration, port, warmUp: 0, concurrency: CONCURRENCY, metrics: true });
  const send = clientOf(client, port);
  const nextPath = pathsOf(20_261_128);
  const make = async (count: number) => {
    let left = count;
    const chain = async () => {
      for (; left > 0; ) {
        left -= 1;
        await send(nextPath()).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, chain));
  };
  const step = Math.round(requests / SAMPLES);
  // Code, tables and caches are there before the first sample.
  await make(step);
  const heap: number[] = [];
  for (let i = 0; i <= SAMPLES; i += 1) {
    if (i > 0) await make(step);
    for (let k = 0; k < 2; k += 1) global.gc?.();
    heap.push(process.memoryUsage().heapUsed);
  }
  const bytes = slope(heap) / step;
  // The upstream now closes the pooled connections: what is left then is a leak.
  process.send?.('done');
  await setTimeout(CLOSING_MS);
  const growth: Growth = { bytes, handles: process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')) };
  process.send?.(growth);
  process.disconnect();
}

/** The slope of the line through equidistant values, by least squares. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const products = values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  return products / values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
}

async function growthOf(role: Role): Promise<Growth> {
  const child = fork(__filename, [JSON.stringify(role)], { execArgv: ['--expose-gc'] });
  await once(child, 'message');
  for (const socket of open) socket.destroy();
  const [growth] = (await once(child, 'message')) as [Growth];
  await once(child, 'exit');
  return growth;
}

export async function checkSlopes(requests = REQUESTS, clients: readonly Client[] = CLIENTS): Promise<void> {
  const upstream = await startUpstream();
  const { port } = upstream.address() as AddressInfo;
  for (const client of clients) {
    const without = await growthOf({ client, configuration: 'peers', requests, port });
    const ours = await growthOf({ client, configuration: 'ours', requests, port });
    const added = ours.bytes - without.bytes;
    const isFine = added <= LIMIT_BYTES && ours.handles.length <= without.handles.length;
    console.log(
      `${client}: ${requests} requests, heap ${ours.bytes.toFixed(1)} bytes a request, without ${without.bytes.toFixed(1)}; ` +
        `${ours.handles.length} connections left, without ${without.handles.length}: ${isFine ? 'as without' : 'MORE'}`,
    );
    if (!isFine) process.exitCode = 1;
  }
  upstream.close();
}

if (require.main === module) {
  const [, , argument = '', only] = process.argv;
  const clients = CLIENTS.filter((client) => only === undefined || client === only);
  if (argument.startsWith('{')) void measured(JSON.parse(argument) as Role);
  else void checkSlopes(Number(argument) || REQUESTS, clients);
}
