import { isShortUpload, timeLimitOf } from '../causes/in-flight';
import type { Judgement } from '../causes/judgement';
import { type ResourceLimit, resourceLimitOf } from '../evidence/codes';
import type { Evidence } from '../evidence/evidence';
import type { WireFacts } from '../evidence/wire-facts';
import { code, hostOf, isQueueFull, leaving, numbers, peerOf, sign, time, tried } from './phrases';
import type { Tell, Verdict } from './told';

/** What happened, with the numbers that show it. */
export function why(e: Evidence, v: Verdict): string {
  return WHY[v.cause](e, v);
}

const WHY: Tell = {
  stale_keepalive: stale,
  idle_expired: (e, v) => `${silent(e, v)}; the path (NAT, load balancer, firewall) may have forgotten it`,
  recycled: (e) =>
    `${peerOf(e)} may have retired this connection after ${e.exchange.reuseCount ?? 'some'} requests and ${time(e.exchange.ageMs ?? 0)}, as it did with others${numbers(e)}`,
  peer_restart: (e, v) =>
    v.confidence === 'possible'
      ? `${ended(e, v)}, and ${leaving(e) ?? 'another connection in the same moment'}: the peer may have crashed or restarted`
      : `${ended(e, v)}, and ${leaving(e) ?? 'others in the same moment'}: the peer ${perhaps(v)} crashed or restarted`,
  peer_aborted: (e, v) =>
    `${ended(e, v)}: the peer, or a proxy before it, gave up this exchange, and nothing shows why`,
  response_timeout: (e, v) =>
    `${ended(e, v)}, like ${alike(e)} before: the peer or a proxy ${perhaps(v)} hit a time limit`,
  request_incomplete: unfinished,
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
  tls_failed: (e, v) => {
    if (v.confidence !== 'certain') return `${peerOf(e)} ended the connection during the TLS handshake${code(e)}`;
    return `The TLS session with ${peerOf(e)} ${v.phase === 'tls' ? 'was not made' : 'broke'}${code(e)}`;
  },
  protocol_mismatch: (e, v) =>
    `${peerOf(e)} answered with something that ${v.confidence === 'likely' ? 'is' : 'may be'} not HTTP/1.1${code(e)}`,
  connect_timeout: (e, v) => `No connection to ${peerOf(e)} came about within ${time(v.elapsedMs)}${tried(e)}`,
  client_timeout: (e, v) =>
    `A timeout of this process, not the peer, ended the request ${v.phase === 'queue' ? 'in the queue of the pool ' : ''}after ${time(v.elapsedMs)}${queued(e)}${midway(v)}`,
  client_cancelled: (_, v) =>
    v.confidence === 'certain'
      ? `This process cancelled the request after ${time(v.elapsedMs)}${midway(v)}`
      : `This process may have cancelled the request after ${time(v.elapsedMs)}${midway(v)}, or a deadline of its own passed`,
  pool_closed: (e) =>
    e.exchange.dead === undefined
      ? 'This process closed the connection itself: its agent was destroyed'
      : `This process itself had closed the pooled connection before the request took it${numbers(e)}`,
  local_resource: (e) => `${RESOURCE[resourceLimitOf(e.error) ?? 'setting']} stopped the request${code(e)}`,
  client_gone: () => 'The client left before the response was complete',
  unknown: (e, v) => {
    if (v.phase === 'proxy') return `The proxy did not open a tunnel to ${peerOf(e)}`;
    if (v.kind === 'protocol')
      return `${peerOf(e)} sent bytes that do not parse as a response${code(e)}, ${answeredBefore(e)}`;
    if (isQueueFull(e)) return `The accept queue of ${peerOf(e)} was full (connect EAGAIN)`;
    if (v.kind !== 'other' && v.initiator === 'remote' && e.stage === 'ready')
      return `${ended(e, v)}, and nothing shows why`;
    return `The request to ${peerOf(e)} failed after ${time(v.elapsedMs)}${code(e)}, and nothing shows why`;
  },
};

/** Who or what of this machine said no. */
const RESOURCE: Readonly<Record<ResourceLimit | 'setting', string>> = {
  exhausted: 'A limit of this process or this machine',
  ports: 'A lack of free local ports',
  address: 'The local address or port that this request is bound to',
  permission: 'A missing permission of this process',
  policy: 'A block list of this process',
  setting: "This client's own limit on a response",
};

function unfinished(e: Evidence, v: Verdict): string {
  if (v.initiator === 'local')
    return `This process gave the request up after ${time(v.elapsedMs)}, before it was finished${code(e)}`;
  const missing = e.request?.missingBytes ?? 0;
  if (isShortUpload(e))
    return `${ended(e, v)}: the body is ${Math.abs(missing)} bytes ${missing > 0 ? 'shorter' : 'longer'} than its Content-Length, so the request was never complete`;
  return `${ended(e, v)}, which this process had not finished: nothing was written for ${time(e.request?.quietMs ?? 0)}`;
}

function answeredBefore({ exchange: { reused }, statusCode }: Evidence): string {
  if (statusCode !== undefined) return 'behind an answer that did';
  return reused === false
    ? 'which a stricter or an older parser may refuse'
    : 'on a connection that may hold leftovers';
}

function queued({ exchange: { queueMs } }: Evidence): string {
  return queueMs === undefined ? '' : `, behind ${time(queueMs)} in the queue of the pool`;
}

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

function alike(e: Evidence): string {
  const limit = timeLimitOf(e);
  const count = limit?.times ?? 1;
  const silence = limit?.isSilence ? ` after ${time(limit.ms)} without a byte` : '';
  return `${count > 1 ? `${count} others` : 'another'}${silence}`;
}

function silent(e: Evidence, v: Verdict): string {
  if (v.kind === 'reset') return `This connection to ${peerOf(e)} was reset on reuse${numbers(e)}`;
  const since = v.initiator === 'local' ? ', though a fresh connection got one' : '';
  return `No answer came from ${peerOf(e)} within ${time(v.elapsedMs)} on this reused connection${numbers(e)}${since}`;
}
