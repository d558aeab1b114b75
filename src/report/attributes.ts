import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { Exchange } from '../connection/exchange';
import type { ConnectionFacts } from '../connection/facts';
import { type Loose, whole } from '../connection/known-values';
import * as conventions from '../conventions';
import { idleBucket } from '../idle-bucket';
import * as names from '../semconv';
import type { SocketFailure } from '../verdict/failure';
import type { ReadableSpan } from './span';

type Row<T> = readonly [field: keyof T, attribute: string];

/** On every span, healthy or not. */
const ESSENTIAL: readonly Row<ConnectionFacts>[] = [
  ['id', names.ATTR_SOCKET_ID],
  ['reuseCount', names.ATTR_SOCKET_REUSE_COUNT],
  ['reused', names.ATTR_SOCKET_REUSED],
  ['idleMs', names.ATTR_SOCKET_IDLE_MS],
  ['ageMs', names.ATTR_SOCKET_AGE_MS],
  ['queueMs', names.ATTR_SOCKET_QUEUE_MS],
  ['dnsMs', names.ATTR_SOCKET_DNS_MS],
  ['connectMs', names.ATTR_SOCKET_CONNECT_MS],
  ['tlsMs', names.ATTR_SOCKET_TLS_MS],
];

/** Both idle timeouts: set on the first recording span of each connection after the mismatch is known. */
const TIMEOUTS: readonly Row<ConnectionFacts>[] = [
  ['clientTimeoutMs', names.ATTR_SOCKET_CLIENT_TIMEOUT_MS],
  ['peerTimeoutMs', names.ATTR_SOCKET_PEER_TIMEOUT_MS],
  ['peerTimeoutSource', names.ATTR_SOCKET_PEER_TIMEOUT_SOURCE],
  ['timeoutMismatch', names.ATTR_SOCKET_TIMEOUT_MISMATCH],
];

/** Set with a failure or a near miss, or always with `detail: 'full'`. */
const DETAIL: readonly Row<ConnectionFacts>[] = [
  ...TIMEOUTS,
  ['nearMiss', names.ATTR_SOCKET_NEAR_MISS],
  ['serverTimeoutMs', names.ATTR_SOCKET_SERVER_TIMEOUT_MS],
];

/** Set where the span lacks them. */
const ENDPOINTS: readonly Row<ConnectionFacts>[] = [
  ['localAddress', conventions.ATTR_NETWORK_LOCAL_ADDRESS],
  ['localPort', conventions.ATTR_NETWORK_LOCAL_PORT],
  ['peerAddress', conventions.ATTR_NETWORK_PEER_ADDRESS],
  ['peerPort', conventions.ATTR_NETWORK_PEER_PORT],
];

const FAILURE: readonly Row<SocketFailure>[] = [
  ['kind', names.ATTR_SOCKET_FAILURE_KIND],
  ['phase', names.ATTR_SOCKET_FAILURE_PHASE],
  ['cause', names.ATTR_SOCKET_FAILURE_CAUSE],
  ['confidence', names.ATTR_SOCKET_FAILURE_CONFIDENCE],
  ['initiator', names.ATTR_SOCKET_FAILURE_INITIATOR],
  ['sent', names.ATTR_SOCKET_FAILURE_SENT],
  ['elapsedMs', names.ATTR_SOCKET_FAILURE_ELAPSED_MS],
  ['retrySafe', names.ATTR_SOCKET_FAILURE_RETRY_SAFE],
  ['explanation', names.ATTR_SOCKET_FAILURE_EXPLANATION],
];

/**
 * Sets the essential attributes of a healthy exchange on a reused connection, which are the same as
 * `connectionAttributes` of its facts: almost all exchanges are such, so they get theirs without a snapshot. Returns
 * false, and sets none, if there are others to set.
 */
export function setPlainReuse(span: ReadableSpan, exchange: Exchange): boolean {
  const { connection, reuseCount, queueMs } = exchange;
  const idleMs = whole(exchange.idleMs);
  const ageMs = whole(exchange.ageMs);
  if (idleMs === undefined || ageMs === undefined || queueMs !== undefined || reuseCount === undefined) return false;
  if (connection === undefined || exchange.reused !== true) return false;
  span.setAttribute('socket.id', connection.id);
  span.setAttribute('socket.reuse_count', reuseCount);
  span.setAttribute('socket.reused', true);
  span.setAttribute('socket.idle_ms', idleMs);
  span.setAttribute('socket.age_ms', ageMs);
  return true;
}

/** The attributes of a healthy exchange, `full` or essential; `isMismatchNews` adds both idle timeouts. */
export function connectionAttributes(
  facts: Loose<ConnectionFacts>,
  full: boolean,
  span: ReadableSpan,
  isMismatchNews = false,
): Attributes {
  const attributes: Attributes = {};
  add(attributes, facts, ESSENTIAL);
  if (full || facts.nearMiss === true) addDetail(attributes, facts, span);
  else if (isMismatchNews) add(attributes, facts, TIMEOUTS);
  return attributes;
}

/** The attributes of a failed exchange: the verdict and everything that is known about its connection. */
export function failureAttributes(failure: SocketFailure, span: ReadableSpan): Attributes {
  const attributes: Attributes = {};
  add(attributes, failure, FAILURE);
  if (failure.connection !== undefined) {
    add(attributes, failure.connection, ESSENTIAL);
    addDetail(attributes, failure.connection, span);
  }
  return attributes;
}

function addDetail(attributes: Attributes, facts: Loose<ConnectionFacts>, span: ReadableSpan): void {
  add(attributes, facts, DETAIL);
  if (facts.idleMs !== undefined) attributes[names.ATTR_SOCKET_IDLE_BUCKET] = idleBucket(facts.idleMs);
  for (const row of ENDPOINTS) if (span.attributes?.[row[1]] === undefined) add(attributes, facts, [row]);
}

function add<T extends object>(attributes: Attributes, facts: Partial<Loose<T>>, rows: readonly Row<T>[]): void {
  for (const [field, attribute] of rows) {
    const value = facts[field];
    if (value !== undefined && isPlain(value)) attributes[attribute] = value as AttributeValue;
  }
}

/** Numbers must be whole and from 0 to 2^53, because backends store ints and doubles separately. */
function isPlain(value: unknown): boolean {
  return typeof value !== 'number' || (Number.isSafeInteger(value) && value >= 0);
}
