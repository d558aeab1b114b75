import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { urlSetting } from './settings';

/**
 * The customers. Three lanes, each with what production has too: busy times and pauses. A plain program without telemetry.
 * It does not look at the answers: what failed is for the telemetry to say.
 */
const gateway = urlSetting('GATEWAY_URL', 'http://gateway:8080');
const agent = new http.Agent({ keepAlive: true, timeout: 3_000 });
const counts = { requests: 0, failed: 0 };
let id = 0;

async function ask(route: string): Promise<void> {
  const [method, path] = route.split(' ');
  id += 1;
  counts.requests += 1;
  const status = await new Promise<number>((resolve) => {
    const request = http.request(`${gateway}${path}/${id}`, { method, agent });
    request.on('response', (response) => {
      response.resume().on('close', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', () => resolve(0)).end();
  });
  if (status !== 200) counts.failed += 1;
}

/** One customer after the other: `orders` uses one connection to payments, and its idle age is what passes between them. */
async function paying(): Promise<void> {
  for (const _ of [1, 2, 3]) {
    await ask('POST /orders');
    await sleep(150);
  }
  await sleep(1_250);
  await ask('POST /orders'); // a near miss: the limit is 2 s
  await sleep(2_600); // nginx closes the connection; orders is idle and sees it
  await ask('POST /refunds'); // dropped
  await ask('POST /orders');
  await sleep(1_800);
  await ask('POST /invoices'); // stale: nginx closes while orders is busy
  await ask('POST /orders');
  await sleep(1_800);
  await ask('GET /receipts'); // stale, and safe to retry
  await ask('POST /orders');
  await ask('GET /statements'); // every other one is cut short
  await ask('POST /orders');
  await ask('POST /transfers'); // slower than the timeout of orders
}

/**
 * Several at a time, so that a restart of inventory meets three, and a fourth has to wait for a connection (`maxSockets`).
 * Then a pause that is nearly too long.
 */
async function stocking(): Promise<void> {
  for (const _ of [1, 2, 3, 4]) {
    await ask('GET /prices');
    const asked = [];
    for (const route of ['GET /stock', 'POST /reservations', 'GET /stock', 'GET /stock']) {
      asked.push(ask(route));
      await sleep(20);
    }
    await Promise.all(asked);
    await sleep(1_000);
  }
  await sleep(3_500);
  await ask('GET /stock'); // a near miss: the limit is 5 s, announced
}

async function browsing(): Promise<void> {
  await ask('GET /orders');
  await sleep(300);
}

async function repeat(lane: () => Promise<void>): Promise<never> {
  for (;;) await lane();
}

async function main(): Promise<void> {
  const health = () => fetch(`${gateway}/healthz`).catch(() => undefined);
  while ((await health())?.ok !== true) await sleep(200);
  console.log(`load: customers come to ${gateway}`);
  setInterval(() => console.log(`load: ${counts.requests} requests, ${counts.failed} failed`), 10_000);
  await Promise.all([repeat(paying), repeat(stocking), repeat(browsing)]);
}

process.on('SIGTERM', () => process.exit());
void main();
