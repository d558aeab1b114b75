import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

const ports = new Set<number>();

/** Listens on a port that nobody in this process had: metrics are told apart by it, and the kernel hands out few. */
export async function listen(server: net.Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  if (!ports.has(port)) {
    ports.add(port);
    return port;
  }
  await new Promise((resolve) => server.close(resolve));
  return listen(server);
}

/** Where nothing listens, nor did before: not among the ports that the kernel hands out, of which a peer had some. */
export async function closedPort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const server = net.createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(!ports.has(port)));
  });
  ports.add(port);
  if (server.listening) await new Promise((resolve) => server.close(resolve));
  return isFree ? port : closedPort();
}
