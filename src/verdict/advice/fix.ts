import type { Exchange } from '../../connection/exchange';
import { advisedTimeoutMs } from '../../peer/advised-timeout';
import { isShortUpload, timeLimitOf } from '../causes/in-flight';
import { isLengthMismatch, type ResourceLimit, resourceLimitOf } from '../evidence/codes';
import type { Evidence } from '../evidence/evidence';
import { idleTimeoutChange } from './idle-settings';
import { isQueueFull, leaving, time } from './phrases';
import type { Tell, Verdict } from './told';

/** Nobody limits idleness to less: what ended a connection sooner was something else. */
const SHORT_IDLE_MS = 1_000;

/** Our own limits on a response, by the error that they make. */
const LIMITS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'Raise maxHeaderSize',
  UND_ERR_HEADERS_OVERFLOW: 'Raise maxHeaderSize of undici',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'Raise maxResponseSize of undici',
};
const RESOURCE: Readonly<Record<ResourceLimit, string>> = {
  exhausted: 'Raise the limit, or open fewer connections',
  ports: 'Keep connections and use them again, so that fewer ports are in use',
  address: 'Correct localAddress and localPort: no interface of this machine has that address, or the port is taken',
  permission: 'Let the user of this process connect there',
  policy: 'Change the block list if that address is meant to be reached',
};
/** The settings of undici, by the error that they make. */
const TIMERS: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_TIMEOUT: 'headersTimeout of undici, the time until an answer begins',
  UND_ERR_BODY_TIMEOUT: 'bodyTimeout of undici, the time between two bytes of a body',
};

/** The change to make. */
export function fix(e: Evidence, v: Verdict): string {
  return FIX[v.cause](e, v);
}

const FIX: Tell = {
  stale_keepalive: keepShorter,
  idle_expired: ({ exchange }) =>
    `Let this client close idle connections well within ${time(exchange.idleMs ?? 0)}: ${idleTimeoutChange(exchange, half(exchange.idleMs))}`,
  recycled: () => 'Idle limits do not help: let the peer say "Connection: close" in its last response',
  peer_restart: () => 'Look for a restart or crash at this time, and let the peer finish its requests first',
  peer_aborted: () =>
    'Read the log of the peer and of its proxies at this time: an aborted handler, a crash or a time limit ends a request so',
  response_timeout: (e, { elapsedMs, phase, confidence }) => {
    const ms = timeLimitOf(e)?.ms ?? elapsedMs;
    if (phase === 'response' && confidence === 'possible')
      return `Look for a limit of ${time(ms)} at the server or its proxy, or for a response that is never finished`;
    return `Find the limit of ${time(ms)} at the server or its proxy, and raise it or answer sooner`;
  },
  request_incomplete: (e, { initiator }) => {
    if (isLengthMismatch(e.error.code) || isShortUpload(e))
      return 'Announce the Content-Length in bytes of the body that is sent, or none at all';
    return initiator === 'local'
      ? 'Look for what failed in this process while it wrote the request'
      : 'Look for a call of end that is missing, or for what feeds the body so slowly';
  },
  rejected: () => 'Look for a limit on rate, size or connections at the peer',
  not_listening: () => 'Check that the server runs, and the host and port',
  unreachable: () => 'Check the address, routes and firewalls',
  name_not_resolved: () => 'Check the name and the resolver',
  tls_failed: ({ error }, { phase, initiator }) => {
    if (phase !== 'tls' && initiator !== 'local' && !error.code.includes('CERTIFICATE'))
      return 'Look for a device or a link on the way that damages traffic';
    return 'Check that this port speaks TLS, and the certificates and host name on both sides';
  },
  protocol_mismatch: () => 'Check that this port speaks HTTP/1.1, without TLS if the URL says http',
  connect_timeout: ({ error }) =>
    error.attempts > 1 && error.code === 'ETIMEDOUT' && error.connectTimer
      ? 'Raise autoSelectFamilyAttemptTimeout, the time that Node gives each of several addresses, or repair the slow one'
      : 'Check that packets reach the host, and that the connect timeout is long enough',
  client_timeout: late,
  client_cancelled: () => 'Nothing needs to change if that was meant',
  pool_closed: ({ exchange }) =>
    isOwnTimer(exchange.dead)
      ? 'No setting prevents this race between the idle limit of the pool and a request'
      : 'Keep the agent and its sockets open while requests use them',
  local_resource: ({ error }) => LIMITS[error.code] ?? RESOURCE[resourceLimitOf(error) ?? 'exhausted'],
  client_gone: () => "Compare the client's timeout with how long the response takes",
  unknown: (e, v) => {
    if (v.phase === 'proxy') return "Check the proxy's answer and its log";
    if (v.kind === 'protocol')
      return 'Look for a response that is longer than it says, or framed twice, at the peer or a cache before it';
    if (isQueueFull(e)) return 'Let the server accept faster, or raise the backlog of its listener';
    if (v.kind !== 'other' && e.exchange.reused === false && e.stage === 'ready' && v.initiator === 'remote')
      return 'Candidates: a limiter that drops connections, the wrong protocol on this port, a server that crashes at once';
    return v.kind === 'other' ? 'Read the message of the error' : 'Compare with what the peer logged at this time';
  },
};

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

function late({ error, exchange }: Evidence, { phase, elapsedMs }: Verdict): string {
  const timer = TIMERS[error.code];
  if (timer !== undefined) return `Raise ${timer}, or find what is slow`;
  if (phase === 'queue' || (exchange.queueMs ?? 0) > elapsedMs)
    return 'Give the pool more connections (maxSockets; connections of undici), or find what holds them so long';
  if (phase === 'dns' || phase === 'connect' || phase === 'tls')
    return 'Find what makes connecting slow, or give it more time';
  return 'Set this timeout above what the server needs, or find what is slow (an http.Agent has a timeout too)';
}

function isOwnTimer(dead: Exchange['dead']): boolean {
  return dead !== undefined && dead !== 'unseen' && dead.how === 'timer';
}
