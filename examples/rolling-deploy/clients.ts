import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const CLIENTS = 6;
const LOOK_EVERY_MS = 200;

// Closes idle connections a second before the instances do.
const agent = new http.Agent({ keepAlive: true, timeout: 4_000 });

let isOver = false;
/** The instances that take requests. A proxy is always among them: it looks at their readiness itself, or does not. */
let ready: readonly number[] = [];

/** GETs and POSTs on pooled connections, without any retry. Returns how to stop them: that resolves when all are done. */
export function startClients(ports: readonly number[]): () => Promise<void> {
  ready = ports;
  const done = Array.from({ length: CLIENTS }, (_, number) => keepAsking(number));
  if (ports.length > 1) done.push(watchReadiness(ports));
  return async () => {
    isOver = true;
    await Promise.all(done);
  };
}

async function watchReadiness(ports: readonly number[]): Promise<void> {
  while (!isOver) {
    const states = await Promise.all(ports.map(isReady));
    ready = ports.filter((_, i) => states[i]);
    await sleep(LOOK_EVERY_MS);
  }
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ port, host: '127.0.0.1', path: '/ready', agent: false });
    request.on('response', (response) => resolve(response.resume().statusCode === 200));
    request.on('error', () => resolve(false));
  });
}

async function keepAsking(number: number): Promise<void> {
  for (let i = number; !isOver; i += 1) {
    const port = ready[i % ready.length];
    if (port !== undefined) await send(i % 3 === 0 ? 'POST' : 'GET', port);
    await sleep(Math.random() * 40);
  }
}

/** Resolves however it ends: the span says how. */
function send(method: string, port: number): Promise<void> {
  return new Promise((resolve) => {
    const request = http.request({ method, host: '127.0.0.1', port, path: '/work', agent });
    request.on('response', (response) => response.resume().on('close', resolve));
    request.on('error', () => resolve());
    request.end(method === 'POST' ? '{"item":"tea"}' : '');
  });
}
