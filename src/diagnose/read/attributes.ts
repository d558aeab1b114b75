import * as conventions from '../../conventions';
import * as names from '../../semconv';
import { numberOf } from './json-fields';

/** Integers that are read from spans: whole, from 0 to 2^53. */
const INTS = [
  names.ATTR_SOCKET_ID,
  names.ATTR_SOCKET_REUSE_COUNT,
  names.ATTR_SOCKET_IDLE_MS,
  names.ATTR_SOCKET_AGE_MS,
  names.ATTR_SOCKET_QUEUE_MS,
  names.ATTR_SOCKET_DNS_MS,
  names.ATTR_SOCKET_CONNECT_MS,
  names.ATTR_SOCKET_TLS_MS,
  names.ATTR_SOCKET_CLIENT_TIMEOUT_MS,
  names.ATTR_SOCKET_PEER_TIMEOUT_MS,
  names.ATTR_SOCKET_SERVER_TIMEOUT_MS,
  names.ATTR_SOCKET_FAILURE_ELAPSED_MS,
  conventions.ATTR_NETWORK_LOCAL_PORT,
  conventions.ATTR_NETWORK_PEER_PORT,
  conventions.ATTR_SERVER_PORT,
  'http.response.status_code',
  // Before the stable conventions.
  'net.peer.port',
  'http.status_code',
  'process.pid',
] as const;

const TEXTS = [
  names.ATTR_SOCKET_PEER_TIMEOUT_SOURCE,
  names.ATTR_SOCKET_FAILURE_KIND,
  names.ATTR_SOCKET_FAILURE_PHASE,
  names.ATTR_SOCKET_FAILURE_CAUSE,
  names.ATTR_SOCKET_FAILURE_CONFIDENCE,
  names.ATTR_SOCKET_FAILURE_INITIATOR,
  names.ATTR_SOCKET_FAILURE_SENT,
  names.ATTR_SOCKET_FAILURE_EXPLANATION,
  conventions.ATTR_NETWORK_PEER_ADDRESS,
  conventions.ATTR_SERVER_ADDRESS,
  'http.request.method',
  'url.full',
  'net.peer.name',
  'http.method',
  'http.url',
  'service.name',
  'service.namespace',
  'service.instance.id',
  'host.name',
  'host.id',
  'container.id',
  'k8s.pod.name',
  'k8s.pod.uid',
] as const;

const FLAGS = [
  names.ATTR_SOCKET_REUSED,
  names.ATTR_SOCKET_TIMEOUT_MISMATCH,
  names.ATTR_SOCKET_NEAR_MISS,
  names.ATTR_SOCKET_FAILURE_RETRY_SAFE,
] as const;

/** The attributes of a span or a resource that matter here, each of the type that it must have; others are absent. */
export type Attributes = { [K in (typeof INTS)[number]]?: number } & { [K in (typeof TEXTS)[number]]?: string } & {
  [K in (typeof FLAGS)[number]]?: boolean;
};

type Type = 'int' | 'text' | 'flag';
const TYPES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ...INTS.map((name) => [name, 'int'] as const),
  ...TEXTS.map((name) => [name, 'text'] as const),
  ...FLAGS.map((name) => [name, 'flag'] as const),
]);

/** Adds one attribute; ignores those that do not matter or are of another type. */
export function addAttribute(attributes: Attributes, key: unknown, value: unknown): void {
  const type = typeof key === 'string' ? TYPES.get(key) : undefined;
  if (type === undefined) return;
  const typed = typedValue(type, value);
  if (typed !== undefined) (attributes as Record<string, unknown>)[key as string] = typed;
}

function typedValue(type: Type, value: unknown): number | string | boolean | undefined {
  if (type === 'text') return typeof value === 'string' ? value : undefined;
  // Some exporters write every tag as a string.
  if (type === 'flag')
    return value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;
  const number = numberOf(value);
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
