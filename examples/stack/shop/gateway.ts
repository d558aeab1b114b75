import './telemetry';
import { type Answer, call, callByFetch, peer } from './client';
import { type Handler, serve } from './service';
import { portSetting, urlSetting } from './settings';

/** Forwards requests, some with `http` and some with `fetch`. */

// Both are Node servers, which announce an idle timeout of 5 s.
const orders = peer('orders', urlSetting('ORDERS_URL', 'http://orders:8081'), 4_000);
const inventory = peer('inventory', urlSetting('INVENTORY_URL', 'http://inventory:8084'), 4_000);

const byHttp = (to: typeof orders, method: string, path: string) => pass((id) => call(to, method, `/${path}/${id}`));
const byFetch = (to: typeof orders, method: string, path: string) =>
  pass((id) => callByFetch(to, method, `/${path}/${id}`));

function pass(ask: (id: string) => Promise<Answer>): Handler {
  return async (id, response) => {
    const { status, body } = await ask(id);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
  };
}

serve(
  'gateway',
  portSetting(8080),
  {
    'GET /orders': byFetch(orders, 'GET', 'orders'),
    'POST /orders': byHttp(orders, 'POST', 'orders'),
    'POST /invoices': byHttp(orders, 'POST', 'invoices'),
    'GET /receipts': byHttp(orders, 'GET', 'receipts'),
    'POST /refunds': byHttp(orders, 'POST', 'refunds'),
    'POST /transfers': byHttp(orders, 'POST', 'transfers'),
    'GET /statements': byHttp(orders, 'GET', 'statements'),
    'GET /stock': byHttp(inventory, 'GET', 'stock'),
    'GET /prices': byFetch(inventory, 'GET', 'prices'),
    'POST /reservations': byFetch(inventory, 'POST', 'reservations'),
  },
  [orders, inventory],
);
