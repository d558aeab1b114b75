import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningStack } from '../../../examples/stack/run/stack';
import type { Check } from '../check';
import { query, type Sample } from '../prometheus/query';
import { nearMisses, type Pattern, patterns, timeouts } from './failures';
import { shopTruth } from './truth';

const PATIENCE_MS = 60_000;
/** In this time all kinds of customers have made each of their requests, and met a deployment: every 20 to 30 s. */
const ROUND_MS = 40_000;

/** Prometheus has the failures that the shop counted itself. */
export function liveChecks({ urls }: RunningStack): Check[] {
  return [
    ...patterns.map((pattern) => ({
      name: `shop: ${pattern.name}`,
      program: 'prometheus',
      run: () => agrees(pattern, urls),
    })),
    ...nearMisses.map((promql) => ({
      name: `shop: ${promql}`,
      program: 'prometheus',
      run: async () => `${await atLeast(1, () => sum(urls.prometheus, promql), promql)} near misses`,
    })),
    ...timeouts.map((timeout) => ({
      name: `shop: idle timeouts, ${timeout.job} → ${timeout.peer}`,
      program: 'prometheus',
      run: () => timeoutsDiffer(timeout, urls),
    })),
    ...['true', 'false'].map((safe) => ({
      name: `shop: stale connections with retry_safe ${safe}`,
      program: 'jaeger',
      run: () => retriesKnown(safe, urls),
    })),
  ];
}

/** After `fixShop()`: the avoidable failures have ended, and the load goes on. */
export function fixedChecks({ urls }: RunningStack): Check[] {
  const avoidable = [...patterns.filter((pattern) => pattern.avoidable).map((p) => p.failures), ...nearMisses];
  const rest = [
    ...patterns.filter((pattern) => !pattern.avoidable).map((p) => p.failures),
    'http_client_request_duration_seconds_count{job="orders",server_address="payments"}',
    'http_client_request_duration_seconds_count{job="gateway",server_address="inventory"}',
  ];
  let grown: Promise<ReadonlyMap<string, number>> | undefined;
  const growth = async (promql: string) => {
    grown ??= growthOf([...avoidable, ...rest], urls.prometheus);
    return (await grown).get(promql) ?? 0;
  };
  return [
    ...avoidable.map((promql) => ({
      name: `fixed shop: no more ${promql}`,
      program: 'prometheus',
      async run() {
        const more = await growth(promql);
        if (more > 0) throw new Error(`${more} more`);
        return `none in ${ROUND_MS / 1_000} s`;
      },
    })),
    ...rest.map((promql) => ({
      name: `fixed shop: still counts ${promql}`,
      program: 'prometheus',
      async run() {
        const more = await growth(promql);
        if (more === 0) throw new Error('none');
        return `${more} more in ${ROUND_MS / 1_000} s`;
      },
    })),
    ...timeouts.map(({ job, peer, fixedS }) => ({
      name: `fixed shop: idle timeout, ${job} → ${peer}`,
      program: 'prometheus',
      async run() {
        const promql = `socket_client_timeout_seconds{job="${job}",server_address="${peer}"}`;
        const found = (await query(urls.prometheus, promql)).map(({ value }) => value);
        // The series of the replaced process stay for a while.
        if (!found.includes(fixedS)) throw new Error(`${found.join(', ') || 'nothing'}, not ${fixedS} s`);
        return `${fixedS} s`;
      },
    })),
  ];
}

/** The metric is between the shop's count before and after, because export and scrape need some time. */
async function agrees({ failures, count }: Pattern, { gateway, prometheus }: RunningStack['urls']): Promise<string> {
  const counted = await atLeast(1, async () => count(await shopTruth(gateway)), 'the shop counted');
  const found = await atLeast(counted, () => sum(prometheus, failures), failures);
  const now = count(await shopTruth(gateway));
  if (found > now) throw new Error(`${failures} is ${found}, the shop counted ${now}`);
  return `${found} failures; the shop counted ${counted === now ? now : `${counted} to ${now}`}`;
}

async function timeoutsDiffer(
  { job, peer, peerS, source }: (typeof timeouts)[number],
  { prometheus }: RunningStack['urls'],
): Promise<string> {
  const labels = `job="${job}",server_address="${peer}"`;
  const promql = `socket_peer_timeout_seconds{${labels},socket_peer_timeout_source="${source}"}`;
  const found = await atLeast(peerS * 0.95, () => sum(prometheus, promql), promql);
  const client = (await query(prometheus, `socket_client_timeout_seconds{${labels}}`)).map(({ value }) => value);
  if (found > peerS * 1.1) throw new Error(`${promql} is ${found}`);
  if (client.join() !== '0') throw new Error(`socket_client_timeout_seconds is ${client.join() || 'absent'}, not 0`);
  return `the client has none, the peer ${found} s, ${source}`;
}

async function retriesKnown(safe: string, { jaeger }: RunningStack['urls']): Promise<string> {
  const tags = JSON.stringify({
    'socket.failure.cause': 'stale_keepalive',
    'socket.failure.retry_safe': safe,
  });
  const search = `${jaeger}/api/traces?${new URLSearchParams({ service: 'orders', tags, limit: '100', lookback: '1h' })}`;
  const traces = async () => ((await (await fetch(search)).json()) as { data: unknown[] }).data.length;
  return `${await atLeast(1, traces, search)} traces`;
}

async function atLeast(least: number, read: () => Promise<number>, what: string): Promise<number> {
  const end = performance.now() + PATIENCE_MS;
  let found = await read();
  for (; found < least && performance.now() < end; found = await read()) await sleep(500);
  if (found < least) throw new Error(`${what} is ${found}, not ${least} or more`);
  return found;
}

async function sum(prometheus: string, promql: string): Promise<number> {
  return (await query(prometheus, promql)).reduce((total, { value }) => total + value, 0);
}

/** The growth of each query's sum in `ROUND_MS`, over the series that exist at the end. */
async function growthOf(all: readonly string[], prometheus: string): Promise<ReadonlyMap<string, number>> {
  const now = () => Promise.all(all.map((promql) => query(prometheus, promql)));
  const before = await now();
  await sleep(ROUND_MS);
  const after = await now();
  const keyOf = ({ labels }: Sample) => JSON.stringify(Object.entries(labels).sort());
  return new Map(
    all.map((promql, i) => {
      const old = new Map(before[i]?.map((sample) => [keyOf(sample), sample.value]));
      const grown = after[i]?.reduce((total, sample) => total + sample.value - (old.get(keyOf(sample)) ?? 0), 0);
      return [promql, grown ?? 0] as const;
    }),
  );
}
