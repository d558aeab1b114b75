import net, { type Socket } from 'node:net';
import { after } from 'node:test';
import tls from 'node:tls';
import { listen } from './fresh-port';
import { tlsFixture } from './root';

/** A server that executes what it is sent: the witness of requests that carry the word `order`. */
export interface Shop {
  readonly port: number;
  readonly url: string;
  readonly executed: () => number;
}

/** Answers every other request at once with `answer`; what becomes of an order is up to `onOrder`. */
export async function startShop(
  onOrder: (socket: Socket) => void = () => undefined,
  { answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', secure = false } = {},
): Promise<Shop> {
  let executed = 0;
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      const text = String(data);
      if (text.includes('order')) {
        executed += 1;
        onOrder(socket);
      } else if (/^[A-Z]+ \//.test(text)) socket.write(answer);
    });
  };
  const server = secure
    ? tls.createServer({ key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') }, serve)
    : net.createServer(serve);
  const port = await listen(server);
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port, url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`, executed: () => executed };
}
