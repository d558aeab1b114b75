import fs from 'node:fs';
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { listen } from '../support/fresh-port';
import { root } from '../support/root';

/** A shop: what it does with an order once it has read it whole, and how many it has read. */
export interface Shop {
  readonly port: number;
  readonly secure: boolean;
  readonly orders: number;
  /** Ends the connections that are open now. */
  end(): void;
  close(): void;
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

export async function openShop(secure: boolean, onOrder: (socket: Socket) => void): Promise<Shop> {
  let orders = 0;
  const open = new Set<Socket>();
  const serve = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.on('data', (data) => {
      if (!String(data).includes('order=1')) {
        socket.write(ANSWER);
        return;
      }
      orders += 1;
      onOrder(socket);
    });
  };
  const folder = path.join(root, 'test', 'support', 'tls');
  const pem = {
    key: fs.readFileSync(path.join(folder, 'key.pem')),
    cert: fs.readFileSync(path.join(folder, 'cert.pem')),
  };
  const server = secure ? tls.createServer(pem, serve) : net.createServer(serve);
  const port = await listen(server);
  return {
    port,
    secure,
    get orders() {
      return orders;
    },
    end() {
      for (const socket of open) socket.end();
    },
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

/** A request to a shop, to its end: the error, if there is one. `tap` gets the request once it has its socket. */
export function ask(
  { port, secure }: Shop,
  agent: http.Agent,
  { order = false, tap }: { order?: boolean; tap?: (request: ClientRequest) => void },
): Promise<unknown> {
  return new Promise((resolve) => {
    const request = (secure ? https : http).request({
      port,
      host: '127.0.0.1',
      method: order ? 'POST' : 'GET',
      agent,
      rejectUnauthorized: false,
    });
    request.on('response', (response) => response.resume());
    request.on('timeout', () => request.destroy());
    request.on('error', resolve);
    request.on('close', () => setImmediate(resolve));
    tap?.(request);
    request.end(order ? 'order=1' : undefined);
  });
}
