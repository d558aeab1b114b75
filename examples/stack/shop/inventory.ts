import './telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Handler, serve } from './service';
import { portSetting } from './settings';
import { count } from './truth';

/** Knows what is in stock. Is deployed every 20 s without draining: the requests in flight do not finish. */

const DEPLOYED_EVERY_MS = 20_000;
const RESERVING_MS = 400;
/** A restart comes at any moment, so that the requests that it ends do not all look like cut at one time limit. */
const LONGEST_DELAY_MS = 150;
let deployedAt = performance.now();
const inFlight = new Set<{ readonly call: string }>();

const reserve =
  (call: string): Handler =>
  async () => {
    count('seen', call);
    const request = { call };
    inFlight.add(request);
    if (inFlight.size === 3 && performance.now() - deployedAt > DEPLOYED_EVERY_MS) {
      deployedAt = performance.now();
      setTimeout(restart, Math.random() * LONGEST_DELAY_MS);
    }
    await sleep(RESERVING_MS);
    inFlight.delete(request);
    return { reserved: true };
  };

const server = serve('inventory', portSetting(8084), {
  'GET /prices': (id) => ({ id, price: 5 }),
  'GET /stock': reserve('GET inventory/stock'),
  'POST /reservations': reserve('POST inventory/reservations'),
});

/** For a client this looks as if the process had been killed and replaced by a new one on the same port. */
function restart(): void {
  count('restarts', 'inventory');
  for (const { call } of inFlight) count('killed', call);
  inFlight.clear();
  server.closeAllConnections();
}
