import './telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from './service';
import { portSetting } from './settings';
import { count } from './truth';

/** Charges cards. nginx in front of it drops refunds (`nginx.conf`). */

let statements = 0;

serve('payments', portSetting(8083), {
  'POST /charges': () => {
    count('seen', 'POST payments/charges');
    return { charged: true };
  },
  'GET /receipts': (id) => {
    count('seen', 'GET payments/receipts');
    return { id, paid: true };
  },
  'POST /transfers': async () => {
    count('seen', 'POST payments/transfers');
    await sleep(800);
    return { transferred: true };
  },
  /** A bug: every other statement is cut short in the middle. */
  'GET /statements': (_, response) => {
    count('seen', 'GET payments/statements');
    statements += 1;
    if (statements % 2 === 0) return { lines: [] };
    response.writeHead(200, { 'Content-Type': 'text/csv', 'Content-Length': 2_000 });
    response.write('date,amount\n'.repeat(80), () => response.destroy());
    count('cut', 'GET payments/statements');
    return undefined;
  },
});
