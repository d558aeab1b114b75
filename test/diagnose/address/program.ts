import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

/** Undefined: there is nothing at this path. */
export type Answer = (url: URL) => object | string | undefined;

const servers: http.Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** A program whose paths answer like this; 404 for undefined. Returns its address, and what it was asked. */
export async function program(answer: Answer): Promise<{ address: string; asked: URL[] }> {
  const asked: URL[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    asked.push(url);
    const body = answer(url);
    response.statusCode = body === undefined ? 404 : 200;
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? { error: { httpCode: 404 } }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
