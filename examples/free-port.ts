import net from 'node:net';

/** Below the ports that the kernel hands out to clients: none of them takes it while its server is away. */
const FIRST = 20_000;
const COUNT = 10_000;

/** A port of loopback on which nothing listens. */
export async function freePort(): Promise<number> {
  const port = FIRST + Math.floor(Math.random() * COUNT);
  const server = net.createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  return isFree ? port : freePort();
}
