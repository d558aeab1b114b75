/** Spans to diagnose, as lines of OTLP JSON. */

type Value = string | number | boolean;

export interface Request {
  readonly service?: string;
  /** The process. */
  readonly instance?: string;
  /** More attributes of the resource. */
  readonly resource?: Readonly<Record<string, Value>>;
  readonly host?: string;
  readonly address?: string;
  readonly method?: string;
  readonly library?: 'http' | 'undici';
  /** Of its end, ms after the start of the run. */
  readonly atMs: number;
  readonly tookMs?: number;
  /** Other attributes, those of this package above all. */
  readonly attributes?: Readonly<Record<string, Value>>;
}

/** When every run starts, so that results do not depend on the clock. */
export const START_MS = Date.UTC(2026, 10, 28, 12, 0, 0);

export function line(...requests: readonly Request[]): string {
  return JSON.stringify({ resourceSpans: requests.map(resourceSpans) });
}

/** One request a line. */
export function lines(requests: readonly Request[]): string {
  return requests.map((each) => `${line(each)}\n`).join('');
}

function resourceSpans(request: Request): object {
  const { service = 'checkout', instance = `${service}-1`, library = 'http', resource = {} } = request;
  return {
    resource: { attributes: attributes({ 'service.name': service, 'service.instance.id': instance, ...resource }) },
    scopeSpans: [{ scope: { name: `@opentelemetry/instrumentation-${library}` }, spans: [span(request)] }],
  };
}

function span({
  host = 'payments',
  address,
  method = 'GET',
  atMs,
  tookMs = 10,
  attributes: more = {},
}: Request): object {
  const nanoseconds = (ms: number) => String(BigInt(Math.round((START_MS + ms) * 1_000)) * 1_000n);
  const peer = address === undefined ? {} : { 'network.peer.address': address, 'network.peer.port': 443 };
  return {
    name: method,
    kind: 3,
    startTimeUnixNano: nanoseconds(atMs - tookMs),
    endTimeUnixNano: nanoseconds(atMs),
    attributes: attributes({
      'http.request.method': method,
      'server.address': host,
      'server.port': 443,
      ...peer,
      ...more,
    }),
  };
}

function attributes(values: Readonly<Record<string, Value>>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: { [typeName(value)]: value } }));
}

function typeName(value: Value): string {
  if (typeof value === 'string') return 'stringValue';
  return typeof value === 'number' ? 'intValue' : 'boolValue';
}

/** A healthy request on a connection that is `ageMs` old. */
export function healthy(id: number, ageMs: number): Record<string, Value> {
  return {
    'socket.id': id,
    'socket.reuse_count': 1,
    'socket.reused': true,
    'socket.idle_ms': 100,
    'socket.age_ms': ageMs,
  };
}

/** A failure; the verdict of an end in flight that nothing explains, unless told otherwise. */
export function failed(port: number, more: Readonly<Record<string, Value>> = {}): Record<string, Value> {
  return {
    'socket.id': port,
    'socket.reused': false,
    'socket.failure.kind': 'closed',
    'socket.failure.phase': 'wait',
    'socket.failure.cause': 'peer_aborted',
    'socket.failure.confidence': 'possible',
    'socket.failure.initiator': 'remote',
    'socket.failure.sent': 'full',
    'socket.failure.elapsed_ms': 300,
    'socket.failure.retry_safe': true,
    'network.local.port': port,
    ...more,
  };
}

/** A failure on a pooled connection that the peer had closed for idleness. */
export function stale(port: number, idleMs: number, more: Readonly<Record<string, Value>> = {}): Record<string, Value> {
  return failed(port, {
    'socket.reused': true,
    'socket.reuse_count': 1,
    'socket.idle_ms': idleMs,
    'socket.failure.cause': 'stale_keepalive',
    'socket.failure.confidence': 'likely',
    'socket.failure.elapsed_ms': 1,
    'socket.client_timeout_ms': 0,
    'socket.peer_timeout_ms': 5_000,
    'socket.peer_timeout_source': 'announced',
    'socket.timeout_mismatch': true,
    ...more,
  });
}
