import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import closeWithGrace from 'close-with-grace';
import { answer } from '../work';
import { DEADLINE_MS, type StartServer, UNREADY_MS } from './server';

const express = require('express');

/** Express with close-with-grace, which brings the signals and the deadline; the rest is up to the program. */
export const startCloseWithGrace: StartServer = async ({ port }) => {
  let isReady = true;
  const app = express();
  app.get('/ready', (_: unknown, response: http.ServerResponse) => response.writeHead(isReady ? 200 : 503).end());
  const server = http.createServer(app.use(answer));
  closeWithGrace({ delay: UNREADY_MS + DEADLINE_MS }, async () => {
    isReady = false;
    await sleep(UNREADY_MS);
    await promisify(server.close.bind(server))();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
};
