import type { ShopTruth } from './truth';

/** A kind of failure in the shop: the calls that fail, and the metric that must count them. */
export interface Pattern {
  readonly name: string;
  readonly failures: string;
  /** The number of failures that the shop counted itself. */
  readonly count: (truth: ShopTruth) => number;
  /** Whether the advice prevents it. */
  readonly avoidable: boolean;
}

const failures = (job: string, peer: string, rest: string) =>
  `socket_failures_total{job="${job}",server_address="${peer}",${rest}}`;
const counted = (process: string, event: string, calls: readonly string[]) => (truth: ShopTruth) =>
  calls.reduce((sum, call) => sum + (truth[process]?.[call]?.[event] ?? 0), 0);

export const patterns: readonly Pattern[] = [
  {
    name: 'orders → payments, stale connections',
    failures: failures('orders', 'payments', 'socket_failure_cause="stale_keepalive",socket_reused="true"'),
    count: counted('orders', 'failed', ['POST payments/charges', 'GET payments/receipts']),
    avoidable: true,
  },
  {
    // By kind, because the cause is not certain: it may differ for the first drop, or for a slow one.
    name: 'orders → payments, dropped on purpose',
    failures: failures('orders', 'payments', 'socket_failure_kind="closed",socket_reused="false"'),
    count: counted('orders', 'failed', ['POST payments/refunds']),
    avoidable: false,
  },
  {
    name: 'orders → payments, cut short',
    failures: failures('orders', 'payments', 'socket_failure_kind="truncated"'),
    count: counted('orders', 'failed', ['GET payments/statements']),
    avoidable: false,
  },
  {
    name: 'orders → payments, its own timeout',
    failures: failures('orders', 'payments', 'socket_failure_cause="client_timeout"'),
    count: counted('orders', 'timed-out', ['POST payments/transfers']),
    avoidable: true,
  },
  {
    name: 'orders → mailer, refused',
    failures: failures('orders', 'mailer', 'socket_failure_cause="not_listening"'),
    count: counted('orders', 'failed', ['POST mailer/mails']),
    avoidable: true,
  },
  {
    // By kind: the first of each restart cannot know about the others.
    name: 'gateway → inventory, a restart',
    failures: failures('gateway', 'inventory', 'socket_failure_kind="closed",socket_failure_cause!="stale_keepalive"'),
    count: counted('inventory', 'killed', ['GET inventory/stock', 'POST inventory/reservations']),
    avoidable: false,
  },
];

/** The near misses of the shop. */
export const nearMisses = [
  'socket_near_misses_total{job="orders",server_address="payments"}',
  'socket_near_misses_total{job="gateway",server_address="inventory"}',
] as const;

/** The client and its peer, the peer's idle timeout and its source, and the client's idle timeout in the fixed shop. */
export const timeouts = [
  { job: 'orders', peer: 'payments', peerS: 2, source: 'observed', fixedS: 1 },
  { job: 'gateway', peer: 'inventory', peerS: 5, source: 'announced', fixedS: 4 },
  { job: 'gateway', peer: 'orders', peerS: 5, source: 'announced', fixedS: 4 },
] as const;
