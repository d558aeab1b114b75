import { on } from 'node:events';
import type { InstanceSetup, ServerName } from './messages';
import type { StartServer } from './servers/server';
import { isAtWork } from './work';

/** One instance of the service. It listens when it is told to, and goes at SIGTERM, or is killed in the middle of work. */

const setup = JSON.parse(process.argv[2] ?? '{}') as InstanceSetup;

process.on('disconnect', () => process.exit());
// Ctrl-C reaches all processes, but the example itself ends the others.
process.on('SIGINT', () => undefined);

const servers: Readonly<Record<ServerName, () => Promise<StartServer>>> = {
  node: async () => (await import('./servers/node.js')).startNode,
  terminus: async () => (await import('./servers/terminus.js')).startTerminus,
  'close-with-grace': async () => (await import('./servers/close-with-grace.js')).startCloseWithGrace,
  fastify: async () => (await import('./servers/fastify.js')).startFastify,
};

async function main(): Promise<void> {
  const messages = on(process, 'message');
  const start = await servers[setup.server]();
  await messages.next();
  await start(setup);
  process.send?.('ready');
  await messages.next();
  setInterval(() => isAtWork() && process.kill(process.pid, 'SIGKILL'), 1);
}

void main();
