import { once } from 'node:events';
import net from 'node:net';

/** The addresses in the committed files: the services and ports of compose.yaml. */
const COMPOSED = [
  'collector:4318',
  'collector:8889',
  'jaeger:4318',
  'jaeger:16686',
  'tempo:3200',
  'tempo:4318',
  'prometheus:9090',
  'alertmanager:9093',
  'grafana:3000',
  'gateway:8080',
  'orders:8081',
  'payments:8082',
  'payments-app:8083',
  'inventory:8084',
  'pager:9095',
] as const;

/** Addresses that no committed file names, and a port on which nothing listens. */
const OWN = ['collector:health', 'collector:telemetry', 'jaeger:health', 'mailer:closed'] as const;

type Composed = (typeof COMPOSED)[number];
export type Address = Composed | (typeof OWN)[number];

/** The addresses of compose.yaml's services without docker: the documented ports on loopback, or others. */
export interface Addresses {
  /** Documented addresses for browsers and programs of the user whose port was taken. */
  readonly moved: readonly Composed[];
  port(address: Address): number;
  /** `127.0.0.1:40123` */
  at(address: Address): string;
  /** `http://127.0.0.1:40123` */
  url(address: Address): string;
  /** A committed file's text with every address of compose.yaml, and every link to `localhost`, replaced. */
  replaceIn(text: string): string;
}

/** Documented ports are used where they are free, and not at all if `documented` is false. */
export async function findAddresses(documented: boolean): Promise<Addresses> {
  const ports = new Map<string, number>();
  const moved: Composed[] = [];
  for (const address of documented ? COMPOSED : []) {
    const number = Number(address.split(':')[1]);
    // Several services of compose.yaml have the same port, each in its own container: the first one gets it.
    if ([...ports.values()].includes(number)) continue;
    if (await isFree(number)) ports.set(address, number);
    else moved.push(address);
  }
  const rest = [...COMPOSED, ...OWN].filter((address) => !ports.has(address));
  const free = await freePorts(rest.length, new Set(ports.values()));
  for (const [i, address] of rest.entries()) ports.set(address, free[i] ?? 0);
  const port = (address: Address) => ports.get(address) ?? 0;
  const at = (address: Address) => `127.0.0.1:${port(address)}`;
  const replaceIn = (text: string) => {
    return text.replaceAll(/\b([a-z][a-z-]*):(\d{4,5})\b/g, (found, host, number) => {
      if (host !== 'localhost') return ports.has(found) ? `127.0.0.1:${ports.get(found)}` : found;
      // Links for a browser: each of these services has its own port number.
      const address = COMPOSED.find((one) => one.endsWith(`:${number}`));
      return address === undefined ? found : `localhost:${port(address)}`;
    });
  };
  return { moved, port, at, url: (address) => `http://${at(address)}`, replaceIn };
}

/** Ports that were free a moment ago, all different, and none that is `taken`. */
async function freePorts(count: number, taken: ReadonlySet<number>): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count + taken.size }, () => listening(0)));
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports.filter((port) => !taken.has(port)).slice(0, count);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listening(port).catch(() => undefined);
  if (server === undefined) return false;
  await once(server.close(), 'close');
  return true;
}

async function listening(port: number): Promise<net.Server> {
  const server = net.createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
