import { type Series, total } from '../../support/metric-reader';
import type { Client } from './clients';
import type { Witness } from './witness';

/** A server, the client that uses it, and what only the client can know. */
export interface Site {
  readonly name: string;
  readonly witness: Witness;
  readonly client: Client;
  /** The most connections that its pool has. */
  readonly limit: number;
  sent: number;
  /** Requests that failed on a connection which the server had just ended: it never saw them. */
  lost: number;
  /** Those of them that were written. */
  written: number;
  /** Connections that the server ended while no request had them. */
  diedIdle: number;
}

export type Counts = Readonly<Record<string, number>>;

const STATES = ['active', 'idle'] as const;
const INITIATORS = ['remote', 'local', 'unknown'] as const;
/** Ends in an answer, at least the beginning of one. */
const ANSWERED = ['ok', 'hold', 'cut'];
const FAILING = ['drop-fin', 'drop-rst', 'cut', 'hang'];
/** The advised limit below the 60 s that are announced. */
const ADVISED_MS = 55_000;
/** No limit that is shown by chance is shorter than the shortest rest: no reuse sooner than that, less its margin, is near. */
const LONG = 'long reuses';
const LONG_MS = 49_000;

/** What the metrics say. Seconds as whole milliseconds: the clock of a run has no others. */
export function countsOf(series: readonly Series[]): Counts {
  const sum = (name: string, attributes = {}) =>
    series
      .filter((one) => one.name === name && total([one], name, attributes) > 0)
      .reduce((all, one) => all + one.sum, 0);
  const failures = (attributes = {}) => total(series, 'socket.failures', attributes);
  const closes = STATES.flatMap((state) =>
    INITIATORS.map((who) => {
      const attributes = { 'http.connection.state': state, 'socket.close.initiator': who };
      return [`closes, ${state}, ${who}`, total(series, 'socket.closes', attributes)];
    }),
  );
  return {
    open: total(series, 'http.client.open_connections'),
    connections: total(series, 'http.client.connection.duration'),
    lifetimesMs: Math.round(sum('http.client.connection.duration') * 1_000),
    'connections with requests': total(series, 'socket.connection.requests'),
    requests: sum('socket.connection.requests'),
    ...Object.fromEntries(closes),
    'idle, ok': total(series, 'socket.idle', { 'socket.outcome': 'ok' }),
    'idle, ok, ms': Math.round(sum('socket.idle', { 'socket.outcome': 'ok' }) * 1_000),
    'idle, failed': total(series, 'socket.idle', { 'socket.outcome': 'failed' }),
    'near misses': total(series, 'socket.near_misses'),
    failures: failures(),
    truncated: failures({ 'socket.failure.kind': 'truncated' }),
    timeouts: failures({ 'socket.failure.kind': 'local_timeout' }),
    refused: failures({ 'socket.failure.kind': 'refused' }),
    // Combinations that were too many for a series of their own.
    rare: failures({ 'socket.failure.kind': 'other', 'socket.failure.cause': 'unknown' }),
  };
}

/**
 * The same, with the rare failures counted by their kinds, as far as there were so many: none can be told twice. Two closings
 * at the same idle age, which happen by chance, show a limit of a peer that announces none: long reuses may be near it.
 */
export function settled(found: Counts, expected: Counts): Counts {
  const { rare = 0, ...counts } = found;
  const kinds = ['truncated', 'timeouts', 'refused'];
  const missing = kinds.map((kind) => (expected[kind] ?? 0) - (counts[kind] ?? 0));
  const isRare = missing.every((count) => count >= 0) && missing.reduce((sum, count) => sum + count, 0) <= rare;
  const told = isRare ? Object.fromEntries(kinds.map((kind) => [kind, expected[kind] ?? 0])) : {};
  const [near = 0, least = 0] = [counts['near misses'], expected['near misses']];
  const { [LONG]: long } = expected;
  const most = least + (long ?? 0);
  const nearMisses = near <= most ? Math.min(near, least) : near;
  return { ...counts, ...told, 'near misses': nearMisses, ...(long === undefined ? {} : { [LONG]: long }) };
}

/** What the server saw, and of what it cannot have seen, what the client did. */
export function expectedOf({ witness, lost, written, diedIdle }: Site): Counts {
  const { seen } = witness;
  const all = (...steps: string[]) => seen.filter(({ step }) => steps.includes(step)).length;
  const reused = seen.filter((one) => one.reused);
  const again = (...steps: string[]) => reused.filter(({ step }) => steps.includes(step));
  const answered = again(...ANSWERED);
  return {
    open: witness.open,
    connections: witness.accepted,
    lifetimesMs: witness.lifetimesMs.reduce((sum, ms) => sum + ms, 0),
    'connections with requests': witness.accepted,
    requests: seen.length + written,
    'closes, active, remote': all('drop-fin', 'drop-rst', 'cut') + written,
    'closes, active, local': all('hang', 'abort'),
    'closes, active, unknown': 0,
    'closes, idle, remote': diedIdle,
    'closes, idle, local': witness.abandoned,
    'closes, idle, unknown': 0,
    'idle, ok': answered.length,
    'idle, ok, ms': answered.reduce((sum, { idleMs }) => sum + idleMs, 0),
    'idle, failed': again('drop-fin', 'drop-rst', 'hang').length + lost,
    'near misses': witness.hint === '' ? 0 : answered.filter(({ idleMs }) => idleMs > ADVISED_MS).length,
    [LONG]: witness.hint === '' ? answered.filter(({ idleMs }) => idleMs > LONG_MS).length : 0,
    failures: all(...FAILING) + lost,
    truncated: all('cut'),
    timeouts: all('hang'),
    refused: 0,
  };
}

export function sumOf(...list: readonly Counts[]): Counts {
  const sums: Record<string, number> = {};
  for (const counts of list) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

export function differenceOf(now: Counts, before: Counts): Counts {
  return Object.fromEntries(Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}
