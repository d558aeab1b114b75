import type { Evidence, IdleSetting } from './evidence';
import { advisedLimitMs, isMismatch } from './facts';
import type { FailureCause, Judgement, Transport } from './failure';

/** RFC 9110 section 9.2.2, and QUERY (safe and idempotent by its draft). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']);

type Verdict = Transport & Judgement & { readonly retrySafe: boolean; readonly elapsedMs: number };

/**
 * May this request be sent again without harm to the server's state? True if nothing was sent, or, where the failure is
 * not our own, if the method is idempotent. False where a retry is pointless. Reuse alone never makes a POST safe.
 */
export function isRetrySafe(method: string, { kind, initiator, sent }: Transport, { cause }: Judgement): boolean {
  if (isPointless(kind, cause)) return false;
  // RFC 9110 section 15.5.9: a 408 says that no complete request was received.
  if (kind === 'closed' && cause === 'stale_keepalive' && sent === 'received') return true;
  return sent === 'none' || (initiator !== 'local' && IDEMPOTENT.has(method));
}

function isPointless(kind: string, cause: FailureCause): boolean {
  return kind === 'tls' || cause === 'protocol_mismatch' || cause === 'client_cancelled' || cause === 'rejected';
}

/** What happened, the numbers that show it, what to change, and whether to retry: one or two sentences. */
export function explain(e: Evidence, v: Verdict): string {
  return `${happened(e, v)}. ${advice(e, v)}; ${retry(e, v)}.`;
}

function happened(e: Evidence, v: Verdict): string {
  const peer = peerOf(e);
  const tell: Record<FailureCause, () => string> = {
    stale_keepalive: () =>
      `${peer} ${hedge(v, 'closed')} this pooled connection before it could see the request${idle(e)}${limits(e)}`,
    idle_expired: () =>
      `The path to ${peer} ${hedge(v, 'forgot')} this connection${idle(e)}: ${v.initiator === 'local' ? `no answer within ${time(v.elapsedMs)}, while fresh connections are answered` : 'no closing was ever delivered'}`,
    recycled: () =>
      `${peer} ${hedge(v, 'retired')} this connection after ${e.exchange.reuseCount ?? 'some'} requests${idle(e)}, as it did with others`,
    peer_restart: () =>
      `${peer} ${hedge(v, 'went away')} ${time(v.elapsedMs)} after it was given the request${v.phase === 'response' ? ', in the middle of the response' : ''}`,
    response_timeout: () =>
      `${peer}, or a proxy before it, ${hedge(v, 'cut')} the request at a time limit: ${time(v.elapsedMs)}, like others before`,
    rejected: () =>
      `${peer} ${hedge(v, 'dropped')} ${e.exchange.reused ? 'the' : 'a fresh'} connection ${time(v.elapsedMs)} after it was taken, ${e.statusCode === undefined ? 'without an answer, while other requests succeed' : `with status ${e.statusCode} before the upload ended`}`,
    not_listening: () =>
      `Nothing accepts connections at ${peer}${e.error.attempts > 1 ? ` (${e.error.attempts} addresses tried)` : ''}: the connection was refused`,
    unreachable: () => `There is no route to ${peer} (${e.error.code})`,
    name_not_resolved: () =>
      `The name ${e.exchange.origin?.host ?? 'of the server'} was not resolved (${e.error.code || 'no code'})`,
    tls_failed: () => `The TLS handshake with ${peer} failed (${e.error.code || v.kind})`,
    protocol_mismatch: () => `${peer} answered with bytes that are not HTTP (${e.error.code})`,
    connect_timeout: () => `No connection to ${peer} was established within ${time(v.elapsedMs)}`,
    client_timeout: () =>
      `This process gave up after ${time(v.elapsedMs)}: a timeout of its own, not the peer${before(v)}`,
    client_cancelled: () => `This process cancelled the request after ${time(v.elapsedMs)}${before(v)}`,
    pool_closed: () =>
      `This process closed the connection itself (its agent was destroyed, or the pool's idle limit passed)`,
    local_resource: () => `A limit of this process or host stopped the request (${e.error.code})`,
    client_gone: () => `The client left before the response was complete`,
    unknown: () =>
      `The connection to ${peer} ended${e.exchange.acquiredMs === undefined ? '' : ` ${time(v.elapsedMs)} after the request took it`} (${v.kind}), and the evidence does not say why`,
  };
  return tell[v.cause]();
}

function advice(e: Evidence, v: Verdict): string {
  const tell: Record<FailureCause, () => string> = {
    stale_keepalive: () => keepShorter(e),
    idle_expired: () => keepShorter(e),
    recycled: () =>
      `Nothing is wrong with the idle limits: let the peer announce its last response with "Connection: close"`,
    peer_restart: () =>
      `Look for a restart or crash of the peer at this time, and let it finish its requests before it exits`,
    response_timeout: () =>
      `Find the time limit of this length in the server or its proxy, and raise it or answer sooner`,
    rejected: () => `Look for a rate, size or connection limit at the peer`,
    not_listening: () => `Check that the server runs and that host and port are right`,
    unreachable: () => `Check routes, firewalls and the address`,
    name_not_resolved: () => `Check the name and the resolver`,
    tls_failed: () => `Check certificate, host name, and that this port speaks TLS`,
    protocol_mismatch: () => `Check that this port speaks plain HTTP/1.1`,
    connect_timeout: () => `Check that packets reach the host, and the connect timeout`,
    client_timeout: () => `Compare this timeout with how long the server needs`,
    client_cancelled: () => `No change is needed if that was meant`,
    pool_closed: () => `Keep the agent open while requests use it`,
    local_resource: () => `Raise the limit, or use fewer connections`,
    client_gone: () => `Compare the client's timeout with how long the response takes`,
    unknown: () =>
      e.exchange.reused === false && e.stage === 'ready'
        ? `Candidates: a limiter that drops connections, the wrong protocol on this port, a server that crashes at once`
        : `Compare with what the peer logged at this time`,
  };
  return tell[v.cause]();
}

function retry(e: Evidence, v: Verdict): string {
  const { method } = e.exchange;
  if (v.retrySafe && v.sent === 'received' && v.cause === 'stale_keepalive')
    return 'safe to retry, a 408 says that no request was read';
  if (v.retrySafe)
    return v.sent === 'none' ? 'safe to retry, nothing was sent' : `safe to retry, ${method} is idempotent`;
  if (v.cause === 'client_cancelled') return 'nothing to retry';
  if (isPointless(v.kind, v.cause)) return 'a retry would meet the same';
  if (v.initiator === 'local') return 'whether to retry is up to the program, the server may still be at work';
  return `do not retry blindly, this ${method} may have been executed`;
}

/** The one change that ends stale connections: an idle limit below the peer's, in the words of the client in use. */
function keepShorter(e: Evidence): string {
  const peer = e.exchange.origin?.peerTimeout();
  const { clientTimeoutMs } = e.exchange;
  if (peer !== undefined && clientTimeoutMs !== undefined && !isMismatch(clientTimeoutMs, peer.ms)) {
    return `The client's limit of ${time(clientTimeoutMs)} is already below: look for a shorter limit, or a restart, in a proxy between`;
  }
  const value =
    peer === undefined ? "below the peer's idle limit" : `to ${time(advisedLimitMs(peer.ms))}, below the peer's limit`;
  return SETTINGS[e.setting](value);
}

const SETTINGS: Record<IdleSetting, (value: string) => string> = {
  'agent.timeout': (value) =>
    `Set this client's idle limit ${value}: freeSocketTimeout of agentkeepalive, or timeout of http.Agent, which also fires during slow requests`,
  freeSocketTimeout: (value) => `Set freeSocketTimeout of agentkeepalive ${value}`,
  keepAliveTimeout: (value) => `Set keepAliveTimeout and keepAliveMaxTimeout of undici ${value}`,
  unknown: (value) => `Set this client's idle limit ${value}`,
};

function peerOf({ exchange }: Evidence): string {
  const { origin } = exchange;
  if (origin === undefined) return 'the peer';
  return origin.port === undefined ? origin.host : `${origin.host}:${origin.port}`;
}

function hedge({ confidence }: Judgement, verb: string): string {
  return confidence === 'possible' ? `may have ${PARTICIPLE[verb] ?? verb}` : verb;
}

const PARTICIPLE: Record<string, string> = { forgot: 'forgotten', 'went away': 'gone away' };

function idle({ exchange: { idleMs } }: Evidence): string {
  return idleMs === undefined ? '' : `, after ${time(idleMs)} of idleness`;
}

function limits({ exchange }: Evidence): string {
  const peer = exchange.origin?.peerTimeout();
  const client = exchange.clientTimeoutMs;
  const ours =
    client === undefined
      ? ''
      : client === 0
        ? 'this client has no idle limit'
        : `this client's idle limit is ${time(client)}`;
  if (peer === undefined) return ours && ` (${ours})`;
  return ` (the peer's idle limit is ${time(peer.ms)}, ${peer.source}${ours && `; ${ours}`})`;
}

function before({ sent }: Transport): string {
  return sent === 'received' ? ', in the middle of the response' : '';
}

function time(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${Number((ms / 1_000).toFixed(ms < 10_000 ? 1 : 0))} s`;
}
