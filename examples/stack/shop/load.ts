import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { urlSetting } from './settings';

/**
 * The load: three kinds of customers, each with busy times and pauses, as in production. A plain program without
 * telemetry. It ignores the answers: the telemetry shows what failed.
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

/** One request after the other: `orders` uses one connection to payments, which is idle in between. */
async function paying(): Promise<void> {
  for (const _ of [1, 2, 3]) {
    await ask('POST /orders');
    await sleep(150);
  }
  await sleep(1_250);
  await ask('POST /orders'); // a near miss: the idle timeout is 2 s
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
 * Several requests at a time: a restart of inventory meets three of them, and a fourth waits for a connection
 * (`maxSockets`). Then a pause that is nearly too long.
 */
async function stocking(): Promise<void> {
  for (const _ of [1, 2, 3, 4]) {
    await ask('GET /prices');
    const asked = [];
    for (const route of ['GET /stock', 'POST /reservations', 'GET /stock', 'GET /stock']) {
      asked.push(ask(route));
      await sleep(80);
    }
    await Promise.all(asked);
    await sleep(1_000);
  }
  await sleep(3_500);
  await ask('GET /stock'); // a near miss: the idle timeout is 5 s, announced
}

async function browsing(): Promise<void> {
  await ask('GET /orders');
  await sleep(300);
}

async function repeat(customer: () => Promise<void>): Promise<never> {
  for (;;) await customer();
}

async function main(): Promise<void> {
  const health = () => fetch(`${gateway}/healthz`).catch(() => undefined);
  while ((await health())?.ok !== true) await sleep(200);
  console.log(`load: sends requests to ${gateway}`);
  setInterval(() => console.log(`load: ${counts.requests} requests, ${counts.failed} failed`), 10_000);
  await Promise.all([repeat(paying), repeat(stocking), repeat(browsing)]);
}

process.on('SIGTERM', () => process.exit());
void main();
