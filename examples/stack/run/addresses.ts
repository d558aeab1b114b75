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

/** The addresses of compose.yaml's services without docker: loopback ports that were free. */
export interface Addresses {
  port(address: Address): number;
  /** `127.0.0.1:40123` */
  at(address: Address): string;
  /** `http://127.0.0.1:40123` */
  url(address: Address): string;
  /** A committed file's text with every address of compose.yaml, and every link to `localhost`, replaced. */
  replaceIn(text: string): string;
}

export async function freeAddresses(): Promise<Addresses> {
  const all = [...COMPOSED, ...OWN];
  const free = await freePorts(all.length);
  const ports = new Map<string, number>(all.map((address, i) => [address, free[i] ?? 0]));
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
  return { port, at, url: (address) => `http://${at(address)}`, replaceIn };
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
