import net, { type Socket } from 'node:net';
import { after } from 'node:test';
import { listen } from '../../support/fresh-port';

export const ORIGIN = 'https://origin.invalid/';

/** `end` gets how often the client has sent something by then. */
export async function startProxy(end: (client: Socket, count: number) => void) {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const proxy = net.createServer((client) => {
    open.add(client.on('error', () => undefined));
    let count = 0;
    client.on('data', (data) => {
      asked.push(String(data).split(' ')[0] ?? '');
      count += 1;
      end(client, count);
    });
  });
  after(() => {
    for (const client of open) client.destroy();
    proxy.close();
  });
  return { uri: `http://127.0.0.1:${await listen(proxy)}`, asked };
}

/** The verdict as one line. */
export function told(attributes: Record<string, unknown>): string {
  const keys = ['kind', 'phase', 'cause', 'confidence', 'initiator', 'sent'];
  return keys.map((key) => attributes[`socket.failure.${key}`]).join(' ');
}
