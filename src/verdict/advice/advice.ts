import type { Exchange } from '../../connection/exchange';
import { advisedTimeoutMs } from '../../peer/advised-timeout';
import type { Judgement } from '../causes/judgement';
import type { Evidence } from '../evidence/evidence';
import type { WireFacts } from '../evidence/wire-facts';
import type { FailureCause } from '../failure';
import { idleTimeoutChange } from './idle-settings';
import { clip, code, hostOf, leaving, numbers, peerOf, sign, time, tried } from './phrases';

/** RFC 9110 section 9.2.2, and QUERY (safe and idempotent by its draft). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']);
/** Nobody limits idleness to less: what ended a connection sooner was something else. */
const SHORT_IDLE_MS = 1_000;

/** Our own limits on a response, by the error that they make. */
const LIMITS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'Raise maxHeaderSize',
  UND_ERR_HEADERS_OVERFLOW: 'Raise maxHeaderSize of undici',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'Raise maxResponseSize of undici',
};

type Verdict = WireFacts & Judgement & { readonly retrySafe: boolean; readonly elapsedMs: number };
type Tell = Record<FailureCause, (e: Evidence, v: Verdict) => string>;

/**
 * May this request be sent again without harm to the server's state? True if nothing was sent, or, where the failure is
 * not our own, if the method is idempotent. False where a retry is pointless. Reuse alone never makes a POST safe.
 */
export function isRetrySafe(method: string, { kind, initiator, sent }: WireFacts, { cause }: Judgement): boolean {
  if (isPointless(kind, cause)) return false;
  // RFC 9110 section 15.5.9: a 408 says that no complete request was received.
  if (kind === 'closed' && cause === 'stale_keepalive' && sent === 'received') return true;
  return sent === 'none' || (initiator !== 'local' && IDEMPOTENT.has(method));
}

function isPointless(kind: string, cause: FailureCause): boolean {
  return kind === 'tls' || cause === 'protocol_mismatch' || cause === 'client_cancelled' || cause === 'rejected';
}

/** What happened, the numbers that show it, what to change, and whether to retry: two sentences. */
export function explain(e: Evidence, v: Verdict): string {
  const text = `${HAPPENED[v.cause](e, v)}. ${ADVICE[v.cause](e, v)}; ${retry(e, v)}.`;
  return text.startsWith('the peer') ? `T${text.slice(1)}` : text;
}

const HAPPENED: Tell = {
  stale_keepalive: stale,
  idle_expired: (e, v) => `${silent(e, v)}; the path (NAT, load balancer, firewall) may have forgotten it`,
  recycled: (e) =>
    `${peerOf(e)} may have retired this connection after ${e.exchange.reuseCount ?? 'some'} requests and ${time(e.exchange.ageMs ?? 0)}, as it did with others${numbers(e)}`,
  peer_restart: (e, v) =>
    v.confidence === 'possible'
      ? `${ended(e, v)}: the peer may have crashed or restarted, or hit a time limit`
      : `${ended(e, v)}, and ${leaving(e) ?? 'others in the same moment'}: the peer ${perhaps(v)} crashed or restarted`,
  response_timeout: (e, v) =>
    `${ended(e, v)}, like ${alike(e)} before: the peer or a proxy ${perhaps(v)} hit a time limit`,
  rejected: (e, v) => {
    if (e.statusCode !== undefined)
      return `${peerOf(e)} answered ${e.statusCode} and closed before the upload ended: it ${perhaps(v)} refused the request`;
    if (v.phase === 'connect')
      return `${peerOf(e)} ended the connection while it was being made: it may refuse this client, or be restarting`;
    return `${ended(e, v)}, while other requests succeed: the peer may have dropped this one on purpose, or failed on it`;
  },
  not_listening: (e) => `${peerOf(e)} refused the connection${code(e)}: probably nothing listens there`,
  unreachable: (e) => `No route to ${peerOf(e)}${code(e)}`,
  name_not_resolved: (e) => `The name ${hostOf(e) ?? 'of the server'} was not resolved${code(e)}`,
  tls_failed: (e, v) =>
    v.confidence === 'certain'
      ? `The TLS session with ${peerOf(e)} failed${code(e)}`
      : `${peerOf(e)} ended the connection during the TLS handshake${code(e)}`,
  protocol_mismatch: (e) => `${peerOf(e)} answered with something that is not HTTP/1.1${code(e)}`,
  connect_timeout: (e, v) => `No connection to ${peerOf(e)} came about within ${time(v.elapsedMs)}${tried(e)}`,
  client_timeout: (_, v) =>
    `A timeout of this process, not the peer, ended the request after ${time(v.elapsedMs)}${midway(v)}`,
  client_cancelled: (_, v) => `This process cancelled the request after ${time(v.elapsedMs)}${midway(v)}`,
  pool_closed: (e) =>
    e.exchange.dead === undefined
      ? 'This process closed the connection itself: its agent was destroyed'
      : `This process itself had closed the pooled connection before the request took it${numbers(e)}`,
  local_resource: (e) => `A limit of this process or this machine stopped the request${code(e)}`,
  client_gone: () => 'The client left before the response was complete',
  unknown: (e, v) => {
    if (v.phase === 'proxy') return `The proxy did not open a tunnel to ${peerOf(e)}`;
    if (v.initiator === 'remote' && e.stage === 'ready') return `${ended(e, v)}, and nothing shows why`;
    return `The request to ${peerOf(e)} failed after ${time(v.elapsedMs)}${code(e)}, and nothing shows why`;
  },
};

const ADVICE: Tell = {
  stale_keepalive: keepShorter,
  idle_expired: ({ exchange }) =>
    `Let this client close idle connections well within ${time(exchange.idleMs ?? 0)}: ${idleTimeoutChange(exchange, half(exchange.idleMs))}`,
  recycled: () => 'Idle limits do not help: let the peer say "Connection: close" in its last response',
  peer_restart: () => 'Look for a restart or crash at this time, and let the peer finish its requests first',
  response_timeout: (_, { elapsedMs }) =>
    `Find the limit of ${time(elapsedMs)} at the server or its proxy, and raise it or answer sooner`,
  rejected: () => 'Look for a limit on rate, size or connections at the peer',
  not_listening: () => 'Check that the server runs, and the host and port',
  unreachable: () => 'Check the address, routes and firewalls',
  name_not_resolved: () => 'Check the name and the resolver',
  tls_failed: () => 'Check that this port speaks TLS, and the certificates and host name on both sides',
  protocol_mismatch: () => 'Check that this port speaks HTTP/1.1, without TLS if the URL says http',
  connect_timeout: () => 'Check that packets reach the host, and that the connect timeout is long enough',
  client_timeout: () =>
    'Set this timeout above what the server needs, or find what is slow (an http.Agent has a timeout too)',
  client_cancelled: () => 'Nothing needs to change if that was meant',
  pool_closed: ({ exchange }) =>
    isOwnTimer(exchange.dead)
      ? 'No setting prevents this race between the idle limit of the pool and a request'
      : 'Keep the agent and its sockets open while requests use them',
  local_resource: ({ error }) => LIMITS[error.code] ?? 'Raise the limit, or open fewer connections',
  client_gone: () => "Compare the client's timeout with how long the response takes",
  unknown: (e, v) => {
    if (v.phase === 'proxy') return "Check the proxy's answer and its log";
    if (e.exchange.reused === false && e.stage === 'ready' && v.initiator === 'remote')
      return 'Candidates: a limiter that drops connections, the wrong protocol on this port, a server that crashes at once';
    return v.kind === 'other' ? 'Read the message of the error' : 'Compare with what the peer logged at this time';
  },
};

function stale(e: Evidence, v: Verdict): string {
  const peer = peerOf(e);
  const { dead } = e.exchange;
  if (v.sent === 'received')
    return `${peer} answered 408 before it can have seen the request: it ${perhaps(v)} closed this idle connection${numbers(e)}`;
  if (v.confidence === 'certain')
    return `${peer} closed this pooled connection while it was idle, before the request took it${numbers(e)}`;
  if (dead !== undefined)
    return `This pooled connection was dead before the request took it${numbers(e)}: ${peer} ${perhaps(v)} closed it, or this process did`;
  const rival = v.confidence === 'possible' ? ', or have dropped the request itself' : '';
  const shown = sign(e);
  return `${peer} ${perhaps(v)} closed this pooled connection before it could see the request${numbers(e)}${rival}${shown === undefined ? '' : `: ${shown}`}`;
}

/** The one change that ends stale connections: an idle limit below the peer's, by the name that the client gives it. */
function keepShorter(e: Evidence): string {
  const { exchange } = e;
  const { idleMs, clientTimeoutMs, peerTimeout: peer } = exchange;
  const advisedMs = peer === undefined ? undefined : advisedTimeoutMs(peer.ms);
  if (leaving(e) !== undefined) return 'No idle limit prevents this: look for a restart or deployment at this time';
  if (idleMs !== undefined && idleMs < (advisedMs ?? SHORT_IDLE_MS))
    return 'No idle limit explains so early a closing: look for a restart, or a limit on requests or age per connection';
  if (clientTimeoutMs && advisedMs !== undefined && clientTimeoutMs <= advisedMs)
    return "This client's limit is short enough but came late: look for a busy event loop or a suspended process";
  const when =
    advisedMs === undefined ? `before the peer does${below(idleMs)}` : `before the peer does, after ${time(advisedMs)}`;
  return `Let this client close idle connections ${when}: ${idleTimeoutChange(exchange, advisedMs)}`;
}

const below = (idleMs: number | undefined) => (idleMs === undefined ? '' : `, in less than ${time(idleMs)}`);
/** Of an idle age that was too long. */
const half = (idleMs: number | undefined) => (idleMs === undefined ? undefined : Math.round(idleMs / 2));

function retry({ exchange: { method }, error }: Evidence, v: Verdict): string {
  if (v.retrySafe && v.sent === 'none') return 'safe to retry, nothing was sent';
  if (v.retrySafe && v.cause === 'stale_keepalive' && v.sent === 'received')
    return 'safe to retry, a 408 says that no request was read';
  if (v.retrySafe) return `safe to retry, ${method} is idempotent`;
  if (v.cause === 'client_cancelled') return 'nothing to retry';
  if (isPointless(v.kind, v.cause) || Object.hasOwn(LIMITS, error.code))
    return `a retry ${v.confidence === 'possible' ? 'may' : 'would likely'} meet the same`;
  if (v.initiator === 'local') return 'do not retry blindly, the server may still be at work on it';
  return `do not retry blindly, the server may have executed this ${clip(method, 20)}`;
}

/** Verb in front of a participle, as sure as the judgement is. */
function perhaps({ confidence }: Judgement): string {
  return confidence === 'possible' ? 'may have' : 'probably';
}

/** A proxy or a firewall on the way looks just like the peer: who ended it is not said. */
function ended(e: Evidence, v: Verdict): string {
  const { reused } = e.exchange;
  const which = reused === undefined ? 'The' : reused ? 'This reused' : 'This fresh';
  return `${which} connection to ${peerOf(e)} ended ${time(v.elapsedMs)} into the request${midway(v)}`;
}

function midway({ sent }: WireFacts): string {
  return sent === 'received' ? ', in the middle of the response' : '';
}

function alike({ exchange: { origin, acquiredMs = 0 }, nowMs }: Evidence): string {
  const count = origin?.inFlightClosings.like(nowMs - acquiredMs, nowMs) ?? 1;
  return count > 1 ? `${count} others` : 'another';
}

function isOwnTimer(dead: Exchange['dead']): boolean {
  return dead !== undefined && dead !== 'unseen' && dead.how === 'timer';
}

function silent(e: Evidence, v: Verdict): string {
  if (v.kind === 'reset') return `This connection to ${peerOf(e)} was reset on reuse${numbers(e)}`;
  const since = v.initiator === 'local' ? ', though a fresh connection got one' : '';
  return `No answer came from ${peerOf(e)} within ${time(v.elapsedMs)} on this reused connection${numbers(e)}${since}`;
}
