import * as conventions from '../../conventions';
import * as names from '../../semconv';
import type { AdviceFacts } from '../../verdict/advice/advice-facts';
import { SEEN_LATE } from '../../verdict/advice/phrases';
import {
  FAILURE_CAUSES,
  FAILURE_CONFIDENCES,
  FAILURE_KINDS,
  FAILURE_PHASES,
  type FailureInitiator,
  type FailureSent,
} from '../../verdict/failure';
import type { Attributes } from './attributes';
import { explainedFix } from './explained-fix';
import { hostAndPort, machineOf, placeName } from './place';
import { printable } from './text';

type Verdict = AdviceFacts['failure'];
export type Connection = Verdict['connection'];

/** The verdict of a failed request; what the span lacks, or has as an unknown value, is absent. */
export type SpanFailure = Partial<Omit<Verdict, 'connection'>> & {
  /** The change that the explanation advises, without its full stop. */
  readonly fix?: string;
  /** According to the explanation, a busy process may have noticed it late. */
  readonly isSeenLate?: boolean;
};

/** What one HTTP span says. All text is printable. */
export interface HttpSpan {
  readonly isClient: boolean;
  readonly service: string;
  /** The name without the namespace, which Jaeger searches. */
  readonly serviceName: string;
  /** The process, as far as its resource identifies it. */
  readonly instance: string;
  /** Host and port of the origin. */
  readonly host: string;
  readonly server: { readonly host: string; readonly port: number | undefined } | undefined;
  /**
   * Address and port at the other end of the connection, with the machine that they are local to. Without an address,
   * the host if its name is local; else undefined.
   */
  readonly address: string | undefined;
  /** Of the system clock of its machine, ms; NaN if unknown. */
  readonly startMs: number;
  readonly endMs: number;
  readonly method: string;
  readonly scheme: 'http' | 'https' | undefined;
  readonly statusCode: number | undefined;
  /** The creating instrumentation: `undici` includes `fetch`. */
  readonly library: 'http' | 'undici' | undefined;
  readonly connection: Connection;
  readonly failure: SpanFailure | undefined;
  /** The span's process has this package. */
  readonly isAnnotated: boolean;
}

/** Where a span comes from. */
export interface Sender {
  /** `namespace/name`, or the name alone where there is no namespace. */
  readonly service: string;
  readonly serviceName: string;
  readonly instance: string;
  /** The owner of local addresses; undefined if not in the resource. */
  readonly machine?: string | undefined;
  readonly library: HttpSpan['library'];
}

export function libraryOf(scope: string | undefined): HttpSpan['library'] {
  if (scope?.includes('undici')) return 'undici';
  return scope?.includes('instrumentation-http') ? 'http' : undefined;
}

export function senderOf(resource: Attributes): Omit<Sender, 'library'> {
  const serviceName = printable(resource['service.name'] ?? '') || 'unknown_service';
  const namespace = printable(resource['service.namespace'] ?? '');
  const service = namespace === '' ? serviceName : `${namespace}/${serviceName}`;
  const process = resource['service.instance.id'] ?? `${resource['host.name'] ?? ''}/${resource['process.pid'] ?? ''}`;
  return { service, serviceName, instance: `${service} ${printable(process)}`, machine: machineOf(resource) };
}

/** Whether this is the name of a service, with its namespace or without. */
export function isNamed(service: string, name: string): boolean {
  return service === name || service.endsWith(`/${name}`);
}

/** The HTTP span that these attributes describe; undefined for any other span. */
export function httpSpan(
  kind: 'client' | 'server' | undefined,
  { service, serviceName, instance, machine, library }: Sender,
  startMs: number,
  endMs: number,
  a: Attributes,
): HttpSpan | undefined {
  const failure = failureOf(a);
  const isAnnotated =
    failure !== undefined || a[names.ATTR_SOCKET_ID] !== undefined || a[names.ATTR_SOCKET_REUSED] !== undefined;
  const method = a['http.request.method'] ?? a['http.method'];
  if (kind === undefined || (method === undefined && !isAnnotated)) return undefined;
  const name = a[conventions.ATTR_SERVER_ADDRESS] ?? a['net.peer.name'];
  const port = a[conventions.ATTR_SERVER_PORT] ?? a['net.peer.port'];
  const address = a[conventions.ATTR_NETWORK_PEER_ADDRESS];
  const peer = address === undefined ? undefined : hostAndPort(address, a[conventions.ATTR_NETWORK_PEER_PORT]);
  const host = name === undefined ? (peer ?? 'unknown host') : hostAndPort(name, port);
  const place = placeName(peer ?? host, address ?? name ?? '', machine);
  const url = a['url.full'] ?? a['http.url'];
  return {
    isClient: kind === 'client',
    service,
    serviceName,
    instance,
    host,
    server: name === undefined ? undefined : { host: name, port },
    address: peer === undefined && place === host ? undefined : place,
    startMs,
    endMs,
    method: printable(method ?? '?').slice(0, 20),
    scheme: url === undefined ? undefined : url.startsWith('https:') ? 'https' : 'http',
    statusCode: a['http.response.status_code'] ?? a['http.status_code'],
    library,
    connection: connectionOf(a),
    failure,
    isAnnotated,
  };
}

const INITIATORS: readonly FailureInitiator[] = ['remote', 'local', 'unknown'];
const SENT: readonly FailureSent[] = ['none', 'partial', 'full', 'received'];

function failureOf(a: Attributes): SpanFailure | undefined {
  const [kind, cause] = [a[names.ATTR_SOCKET_FAILURE_KIND], a[names.ATTR_SOCKET_FAILURE_CAUSE]];
  if (kind === undefined && cause === undefined) return undefined;
  const knownCause = oneOf(FAILURE_CAUSES, cause);
  const explanation = a[names.ATTR_SOCKET_FAILURE_EXPLANATION];
  return present({
    kind: oneOf(FAILURE_KINDS, kind),
    cause: knownCause,
    phase: oneOf(FAILURE_PHASES, a[names.ATTR_SOCKET_FAILURE_PHASE]),
    // The confidence in a later version's cause is meaningless here.
    confidence: knownCause && oneOf(FAILURE_CONFIDENCES, a[names.ATTR_SOCKET_FAILURE_CONFIDENCE]),
    initiator: oneOf(INITIATORS, a[names.ATTR_SOCKET_FAILURE_INITIATOR]),
    sent: oneOf(SENT, a[names.ATTR_SOCKET_FAILURE_SENT]),
    elapsedMs: a[names.ATTR_SOCKET_FAILURE_ELAPSED_MS],
    retrySafe: a[names.ATTR_SOCKET_FAILURE_RETRY_SAFE],
    fix: explainedFix(explanation),
    isSeenLate: explanation?.includes(SEEN_LATE),
  });
}

function oneOf<T extends string>(list: readonly T[], value: string | undefined): T | undefined {
  return list.find((each) => each === value);
}

function connectionOf(a: Attributes): Connection {
  const source = a[names.ATTR_SOCKET_PEER_TIMEOUT_SOURCE];
  const address = a[conventions.ATTR_NETWORK_PEER_ADDRESS];
  return present({
    id: a[names.ATTR_SOCKET_ID],
    reuseCount: a[names.ATTR_SOCKET_REUSE_COUNT],
    reused: a[names.ATTR_SOCKET_REUSED],
    idleMs: a[names.ATTR_SOCKET_IDLE_MS],
    ageMs: a[names.ATTR_SOCKET_AGE_MS],
    queueMs: a[names.ATTR_SOCKET_QUEUE_MS],
    dnsMs: a[names.ATTR_SOCKET_DNS_MS],
    connectMs: a[names.ATTR_SOCKET_CONNECT_MS],
    tlsMs: a[names.ATTR_SOCKET_TLS_MS],
    clientTimeoutMs: a[names.ATTR_SOCKET_CLIENT_TIMEOUT_MS],
    peerTimeoutMs: a[names.ATTR_SOCKET_PEER_TIMEOUT_MS],
    peerTimeoutSource: source === 'announced' || source === 'observed' ? source : undefined,
    timeoutMismatch: a[names.ATTR_SOCKET_TIMEOUT_MISMATCH],
    nearMiss: a[names.ATTR_SOCKET_NEAR_MISS] === true ? true : undefined,
    localPort: a[conventions.ATTR_NETWORK_LOCAL_PORT],
    peerAddress: address === undefined ? undefined : printable(address),
    peerPort: a[conventions.ATTR_NETWORK_PEER_PORT],
  });
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the undefined fields, so that they are absent. A copy, because deleting makes objects slow. */
function present<T extends object>(fields: T): Present<T> {
  const copy: Partial<T> = {};
  for (const key in fields) if (fields[key] !== undefined) copy[key] = fields[key];
  return copy as Present<T>;
}
