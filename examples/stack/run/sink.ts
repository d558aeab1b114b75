import { once } from 'node:events';
import http from 'node:http';

/**
 * Stands in for Tempo, which this machine cannot have: takes the spans that the Collector sends to it, and forgets them.
 * So the Collector runs with the same configuration as beside a real Tempo. Returns how to close it.
 */
export async function startSink(port: number): Promise<() => Promise<void>> {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  };
}
