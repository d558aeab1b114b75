import './telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Handler, serve } from './service';
import { portSetting } from './settings';
import { count } from './truth';

/** Knows what is in stock. Is deployed every 20 s without draining: the requests in flight do not finish. */

const DEPLOYED_EVERY_MS = 20_000;
const RESERVING_MS = 400;
let deployedAt = performance.now();
const inFlight: string[] = [];

const reserve =
  (call: string): Handler =>
  async () => {
    count('seen', call);
    inFlight.push(call);
    if (inFlight.length === 3 && performance.now() - deployedAt > DEPLOYED_EVERY_MS) setTimeout(restart, 30);
    await sleep(RESERVING_MS);
    if (inFlight.includes(call)) inFlight.splice(inFlight.indexOf(call), 1);
    return { reserved: true };
  };

const server = serve('inventory', portSetting(8084), {
  'GET /prices': (id) => ({ id, price: 5 }),
  'GET /stock': reserve('GET inventory/stock'),
  'POST /reservations': reserve('POST inventory/reservations'),
});

/** For a client this looks as if the process had been killed and replaced by a new one on the same port. */
function restart(): void {
  deployedAt = performance.now();
  count('restarts', 'inventory');
  for (const call of inFlight.splice(0)) count('killed', call);
  server.closeAllConnections();
}
