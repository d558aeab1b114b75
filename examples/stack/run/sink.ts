import { once } from 'node:events';
import http from 'node:http';

/**
 * Stands in for Tempo, which is not available without docker: accepts the spans that the Collector sends, and drops
 * them, so that the Collector runs with the same configuration as with a real Tempo. Returns a function that closes it.
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
