import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import net, { type AddressInfo } from 'node:net';

const portOf = (server: net.Server) => (server.address() as AddressInfo).port;

/** The peer announces 100 bytes, sends four and closes. */
export async function truncated(): Promise<void> {
  const peer = net.createServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'));
  });
  await once(peer.listen(0, '127.0.0.1'), 'listening');
  const request = http.get(`http://127.0.0.1:${portOf(peer)}/truncated/get`);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume().on('error', () => undefined);
  await new Promise((resolve) => response.on('close', resolve));
  peer.close();
}

/** The client, which is not instrumented, leaves while the server works: the server's span is alone in its trace. */
export async function clientGone(): Promise<void> {
  const server = http.createServer((_, response) => {
    client.destroy();
    response.once('close', () => server.close());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = net.connect(portOf(server), '127.0.0.1');
  client.write('GET /gone/get HTTP/1.1\r\nHost: shop\r\n\r\n');
  await once(server, 'close');
}
