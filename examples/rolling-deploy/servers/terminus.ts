import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTerminus } from '@godaddy/terminus';
import { answer } from '../work';
import { DEADLINE_MS, type StartServer, UNREADY_MS } from './server';

const express = require('express');

/** Express with terminus: readiness fails with the signal, and the server stops after `beforeShutdown`. */
export const startTerminus: StartServer = async ({ port }) => {
  const server = http.createServer(express().use(answer));
  createTerminus(server, {
    signal: 'SIGTERM',
    healthChecks: { '/ready': () => Promise.resolve() },
    beforeShutdown: () => sleep(UNREADY_MS),
    timeout: DEADLINE_MS,
    useExit0: true,
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
};
