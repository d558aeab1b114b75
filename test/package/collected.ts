import { once } from 'node:events';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { startSdk } from '../support/sdk';

/** A service that calls itself over reused connections, with a full collection at a moment without requests. */
const REQUESTS = 1_500;

async function main(): Promise<void> {
  startSdk();
  registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
  const { SocketInstrumentation } = require('opentelemetry-instrumentation-socket') as typeof import('../../src/index');
  const instrumentation = new SocketInstrumentation();
  const { createServer, get, Agent }: typeof http = require('node:http');
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const send = () =>
    new Promise((resolve, reject) => {
      get({ port, host: '127.0.0.1', agent }, (response) => response.on('end', resolve).resume()).on('error', reject);
    });
  for (let i = 0; i < REQUESTS; i += 1) await send();
  await new Promise((resolve) => setTimeout(resolve, 20));
  global.gc?.();
  await send();
  instrumentation.disable();
  agent.destroy();
  server.close();
}

void main();
