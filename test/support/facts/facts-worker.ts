import { rmSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { tlsFixture } from '../root';

/**
 * A server that tells the truth: it answers with what it saw of the connection, counted on its own side. The query says
 * how it answers: `header` (a Keep-Alive header), `status`, `wait` (ms), `close`.
 */
const { secure, socketPath } = workerData as { secure: boolean; socketPath: string | undefined };

const numbers = new WeakMap<Socket, number>();

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const number = numbers.get(socket) ?? 0;
  numbers.set(socket, number + 1);
  const query = new URL(request.url ?? '/', 'http://x').searchParams;
  response.statusCode = Number(query.get('status') ?? 200);
  for (const header of query.getAll('header')) response.appendHeader('Keep-Alive', header);
  if (query.has('close')) response.setHeader('Connection', 'close');
  request.resume();
  request.on('end', () => {
    const body = JSON.stringify({ port: socket.remotePort, number });
    // Without a length, Node's answer to HEAD ends the connection.
    if (response.statusCode === 200) response.setHeader('Content-Length', body.length);
    setTimeout(() => response.end(body), Number(query.get('wait') ?? 0));
  });
}

const key = () => ({
  key: tlsFixture('key.pem'),
  cert: tlsFixture('cert.pem'),
});
const server = secure ? https.createServer(key(), answer) : http.createServer(answer);
// No announcement of its own, and no closing: only what the query asks for.
server.keepAliveTimeout = 0;

const listening = () => parentPort?.postMessage((server.address() as AddressInfo | null)?.port ?? 0);
if (socketPath === undefined) server.listen(0, '127.0.0.1', listening);
else {
  rmSync(socketPath, { force: true });
  server.listen(socketPath, listening);
}
