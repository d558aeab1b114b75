import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import net, { type Socket } from 'node:net';
import { after } from 'node:test';
import { listen } from '../support/fresh-port';

/** An upload, half of it sent, to a server of this process: the client's end of it and the server's. */
export async function startUpload(): Promise<{ readonly client: Socket; readonly incoming: IncomingMessage }> {
  const server = http.createServer();
  const port = await listen(server);
  after(() => server.close());
  const client = net.connect(port, '127.0.0.1');
  client.write('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
  const [incoming] = (await once(server, 'request')) as [IncomingMessage];
  return { client, incoming };
}
