import './telemetry';
import { createHash } from 'node:crypto';
import { call, peer } from './client';
import { serve } from './service';
import { isFixed, portSetting, urlSetting } from './settings';

/** Accepts orders and lets payments charge for them. */

// nginx in front of payments closes idle connections after 2 s and does not announce it: the client has to learn it.
const payments = peer('payments', urlSetting('PAYMENTS_URL', 'http://payments:8082'), 1_000);
const mailer = peer('mailer', urlSetting('MAILER_URL', 'http://mailer:2525'), 1_000);

const RENDERING_MS = 400;
/** The bank needs 0.8 s for a transfer. */
const TRANSFER_TIMEOUT_MS = isFixed ? 5_000 : 300;
let orderCount = 0;

/**
 * Blocks the event loop, as many PDF libraries do. Meanwhile this process cannot notice that nginx closes an idle
 * connection, and the request that follows in the same tick is sent on it.
 */
function render(document: string): string {
  const hash = createHash('sha256');
  const end = performance.now() + RENDERING_MS;
  while (performance.now() < end) hash.update(document);
  return hash.digest('hex');
}

serve(
  'orders',
  portSetting(8081),
  {
    'GET /orders': (id) => ({ id, state: 'shipped' }),
    'POST /orders': async () => {
      await call(payments, 'POST', '/charges');
      orderCount += 1;
      // Advice: nothing listens there. The fixed shop does not use it. The order is valid without the mail.
      if (!isFixed && orderCount % 6 === 0) await call(mailer, 'POST', '/mails').catch(() => undefined);
      return { id: orderCount };
    },
    'POST /invoices': async (id) => {
      const invoice = render(`invoice ${id}`);
      await call(payments, 'POST', '/charges');
      return { invoice };
    },
    'GET /receipts': async (id) => {
      const receipt = render(`receipt ${id}`);
      await call(payments, 'GET', `/receipts/${id}`);
      return { receipt };
    },
    'POST /refunds': async () => {
      await call(payments, 'POST', '/refunds');
      return { refunded: true };
    },
    'POST /transfers': async () => {
      await call(payments, 'POST', '/transfers', TRANSFER_TIMEOUT_MS);
      return { transferred: true };
    },
    'GET /statements': async () => {
      await call(payments, 'GET', '/statements');
      return { read: true };
    },
  },
  [payments],
);
