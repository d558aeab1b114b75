import net from 'node:net';

/** Below the ports that the kernel hands out to clients: none of them takes it while its server is away. */
const FIRST = 20_000;
const COUNT = 10_000;
const taken = new Set<number>();

/** A port of loopback on which nothing listens, and that this process has not handed out yet. */
export async function freePort(): Promise<number> {
  const port = FIRST + Math.floor(Math.random() * COUNT);
  if (taken.has(port)) return freePort();
  taken.add(port);
  const server = net.createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  return isFree ? port : freePort();
}
