import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** The other end of the benchmark, in a process of its own: a small JSON answer, connections kept. */
const body = JSON.stringify({ ok: true, items: [1, 2, 3] });
const server = http.createServer({ keepAliveTimeout: 60_000 }, (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
