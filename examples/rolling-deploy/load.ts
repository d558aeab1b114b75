import type { LoadSetup } from './messages';
import { startTracing, stopTracing } from './tracing';

/** Clients at work until the example says stop. */

const { ports, file } = JSON.parse(process.argv[2] ?? '{}') as LoadSetup;

process.on('disconnect', () => process.exit());
// Ctrl-C reaches all processes, but the example itself ends the others.
process.on('SIGINT', () => undefined);

async function main(): Promise<void> {
  startTracing(file);
  // node:http has to be loaded after that.
  const { startClients } = await import('./clients.js');
  const stop = startClients(ports);
  process.send?.('started');
  process.on('message', async () => {
    await stop();
    await stopTracing();
    process.exit();
  });
}

void main();
