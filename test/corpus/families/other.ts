import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { ClientKind } from '../clients';
import type { Stage } from '../stage';
import type { Family, Scene } from './family';

/** Our own timeout, on connections that work. */
function timeout(client: ClientKind): Scene {
  return async (stage) => {
    const peer = await stage.peer('scripted');
    const pool = stage.client(peer, client);
    await stage.fill(pool, 20);
    const timeoutMs = stage.between(30, 300);
    await stage.strike('client_timeout', pool, 20, { path: '/silent', timeoutMs });
  };
}

/** The pool is closed with requests in flight. */
function poolClosed(client: ClientKind): Scene {
  return async (stage) => {
    const peer = await stage.peer('scripted');
    const pool = stage.client(peer, client);
    await stage.fill(pool, 10);
    const strike = stage.strike('pool_closed', pool, 20, { path: '/silent' });
    await stage.wait(stage.between(20, 100));
    pool.close();
    await strike;
  };
}

/** Nothing listens there. */
function refused(client: ClientKind): Scene {
  return async (stage) => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await stage.strike('not_listening', stage.client({ host: '127.0.0.1', port }, client), 25);
  };
}

/** TLS to a port that speaks HTTP. */
async function wrongPort(stage: Stage): Promise<void> {
  const peer = await stage.peer('node');
  await stage.strike('tls_failed', stage.client(peer, 'https'), 20);
}

const family = (name: string, seeds: number, play: Scene): Family => ({ name, seeds, play });

export const otherFamilies: readonly Family[] = [
  family('our own timeout', 3, timeout('http')),
  family('our own timeout, fetch', 3, timeout('fetch')),
  family('the agent is destroyed', 3, poolClosed('http')),
  family('the dispatcher is destroyed', 3, poolClosed('undici')),
  family('nothing listens', 3, refused('http')),
  family('nothing listens, fetch', 3, refused('fetch')),
  family('TLS to a plain port', 3, wrongPort),
];
