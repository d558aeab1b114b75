import type { ResourceLimit } from '../evidence/codes';
import { isCertificate, isDeliberateAlert } from '../evidence/tls-codes';
import type { FailureCause } from '../failure';
import { CHECK_RESOLVER, type Fix, RAISE_LIMIT } from './advice';
import type { AdviceFacts } from './advice-facts';
import { closeSooner, SHORTEST_ADVISED_MS, staleFix } from './fix-idle-timeout';
import { connectTimeoutFix, timeoutFix } from './fix-timeout';
import {
  durationText,
  isAnotherAsked,
  isOfLength,
  isOwnCertificateRefused,
  isQueueFull,
  isReady,
  isStartedLate,
  lengthFix,
  resourceLimit,
} from './phrases';

/** The change to make. */
export function fixOf(facts: AdviceFacts): Fix {
  const fix = FIX[facts.failure.cause](facts);
  return typeof fix === 'string' ? { text: fix } : fix;
}

const FIX: Readonly<Record<FailureCause, (facts: AdviceFacts) => Fix | string>> = {
  stale_keepalive: staleFix,
  idle_expired: (facts) => closeSooner(facts, (facts.failure.connection.idleMs ?? 0) / 2, ', half the idle time,'),
  recycled: () =>
    `An idle timeout does not help: raise the peer's limit on requests or age per connection, or let it send "Connection: close" with its last response`,
  peer_restart: () => 'Look for a restart or crash at this time, and let the peer finish its requests before it stops',
  peer_aborted: (facts) =>
    `Read the logs of the peer and its proxies at this time, for an aborted handler, a crash or a time limit${orLost(facts)}`,
  response_timeout: slowAnswer,
  request_incomplete: unfinished,
  rejected: dropped,
  not_listening: notRunning,
  unreachable: ({ failure: { confidence, phase } }) =>
    `Check the address, the routes and the firewalls${confidence === 'possible' && phase === 'connect' ? ', and what this process is permitted' : ''}`,
  name_not_resolved: ({ clues }) =>
    clues?.code === 'ENOTFOUND'
      ? 'Check the name, its DNS record, and the address family that is asked for'
      : `${CHECK_RESOLVER}, and the name`,
  tls_failed: tlsFix,
  protocol_mismatch: () => 'Check that this port speaks HTTP/1.1, and without TLS if the URL says http',
  connect_timeout: connectTimeoutFix,
  client_timeout: timeoutFix,
  client_cancelled: ({ failure: { confidence } }) =>
    confidence === 'certain'
      ? 'Nothing needs to change if that was intended'
      : 'Read the error that the caller got: if it was a deadline, find out what took so long, or allow more time',
  pool_closed: ({ clues }) =>
    clues?.dead === 'timer'
      ? 'No setting prevents this race between the idle timeout of the pool and a request'
      : 'Keep the agent and its sockets open as long as requests use them',
  local_resource: resourceFix,
  client_gone: ({ failure }) =>
    `Compare the client's timeout with how long ${failure.phase === 'request' ? 'its request takes to arrive' : 'this response takes'}`,
  unknown,
};

function notRunning(facts: AdviceFacts): string {
  if (facts.clues?.elsewhere)
    return 'Check that the server runs where it refused, and that packets reach the other address';
  if (isAnotherAsked(facts)) return 'Check what should listen there, such as a proxy, and that host and port are right';
  if (facts.failure.confidence === 'possible' && facts.clues?.code !== 'ENOENT')
    return 'Look for a deployment or a shutdown at the peer, and for a limit on connections on the way to it';
  const where = facts.clues?.unix || facts.clues?.code === 'ENOENT' ? 'the path of its socket is' : 'host and port are';
  return `Check that the server runs, and that ${where} right`;
}

function dropped(facts: AdviceFacts): string {
  if (facts.statusCode !== undefined) return refused(facts.statusCode);
  if (isStartedLate(facts)) return STARTED_LATE;
  return mayBeIdle(facts) ? DROPPED_OR_IDLE : DROPPED;
}

/**
 * It had been idle for longer than any that is known to have survived, or than the peer's idle timeout: some servers look
 * at that only from time to time, or when the next request has come, and something on the way may have a shorter one.
 */
function mayBeIdle({ failure: { connection }, clues }: AdviceFacts): boolean {
  const { idleMs = 0, peerTimeoutMs = Number.POSITIVE_INFINITY } = connection;
  return idleMs >= SHORTEST_ADVISED_MS && (clues?.isIdleUnproven === true || idleMs >= peerTimeoutMs);
}

const LIMIT = 'Look for a limit on rate, size or connections at the peer';
const DROPPED = `${LIMIT}, and read its log at this time`;
const DROPPED_OR_IDLE = `${LIMIT}, or an idle timeout there or on the way, and read its log at this time`;
/** Many servers and proxies limit how long they wait for the first request. */
const STARTED_LATE =
  'Find what kept this process from using its new connection at once, as peers close silent ones, or look for a limit on rate or connections at the peer';
/** The fix by the status of the early answer. */
const REFUSALS: Readonly<Record<number, string>> = {
  413: "Send a smaller body, or raise the peer's limit on its size",
  429: "Send fewer requests at a time, or raise the peer's limit on their rate",
};

function refused(statusCode: number): string {
  return REFUSALS[statusCode] ?? `Find out why the peer answered ${statusCode} before it had read all of the request`;
}

function slowAnswer({ failure, clues }: AdviceFacts): string {
  // Go's WriteTimeout, for one, is noticed only when the handler writes.
  const or = failure.phase === 'wait' ? ' (less if it is checked only when the server writes)' : '';
  const ms = `${durationText(clues?.limit?.ms ?? failure.elapsedMs)}${or}`;
  // A stalled response may have been cut because its rest never came.
  if (failure.phase === 'response' && failure.confidence === 'possible')
    return `Look for a limit of about ${ms} at the server or its proxy, or for a response that is never finished`;
  if (clues?.due !== undefined) return `Look for a limit of about ${ms} at the server or its proxy${orLost({ clues })}`;
  if (clues?.limit?.ageMs !== undefined)
    return `Look for a limit of about ${durationText(clues.limit.ms)} at the server or its proxy, or one of about ${durationText(clues.limit.ageMs)} on the age of connections`;
  if (failure.confidence === 'possible')
    return `Look for a limit of about ${ms} at the server or its proxy: if there is one, raise it or answer sooner`;
  return `Find the limit of about ${ms} at the server or its proxy, then raise it or answer sooner`;
}

/** Whoever had forgotten a connection answers by a reset what TCP itself sends on it. */
function orLost({ clues }: Pick<AdviceFacts, 'clues'>): string {
  if (clues?.due === undefined) return '';
  const { what, ms } = clues.due;
  const why =
    what === 'probe'
      ? `TCP probes it after ${durationText(ms)} of silence, and that probe was due`
      : `after about ${durationText(ms)} TCP repeats what nobody acknowledges`;
  return `, or for what lost the connection before: ${why}`;
}

function unfinished({ failure, clues, statusCode }: AdviceFacts): string {
  if (isOfLength(clues)) return lengthFix(clues);
  // The answer had begun: a decoder or a size limit may have ended both.
  const orRead = statusCode !== undefined && failure.confidence === 'possible' ? ' or read the response' : '';
  return failure.initiator === 'local'
    ? `Find what failed in this process while it wrote the request${orRead} (in a proxy: its own client may have left)`
    : 'Look for a missing req.end(), or for what feeds the body so slowly';
}

function tlsFix(facts: AdviceFacts): string {
  const { failure, clues } = facts;
  const name = clues?.code ?? '';
  if (isCertificate(name)) return 'Correct the certificate, its chain or its host name, or trust its issuer';
  if (isOwnCertificateRefused(facts)) return 'Give this client a certificate that the server accepts';
  if (isReady(failure.phase) && failure.initiator !== 'local')
    return isDeliberateAlert(name)
      ? "Read the peer's log at this time: it ended the session itself, by the alert that the code names"
      : 'Look for a device or a link on the way that damages traffic';
  if (failure.confidence === 'possible')
    return 'Check that the server behind this port runs and speaks TLS: a relay without a server, or a limiter, ends connections in the same way';
  return 'Check that this port speaks TLS, and which versions and certificates both sides accept';
}

/** Limits of this client on a response, by the error that they cause. */
const OWN_LIMITS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'Raise maxHeaderSize (16384 by default)',
  UND_ERR_HEADERS_OVERFLOW: 'Raise maxHeaderSize of undici (16384 by default)',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'Raise maxResponseSize of undici',
};
const RESOURCES: Readonly<Record<ResourceLimit, string>> = {
  exhausted: `${RAISE_LIMIT}, or keep fewer files and connections open at a time`,
  ports: 'Set no localPort, and keep connections alive and use them again, so that fewer ports are in use',
  family: 'Use an IPv4 address or a name that has one, or give this machine an IPv6 address',
  address: 'Correct localAddress and localPort: the address must be one of this machine, the port free',
  permission: 'Let the user of this process connect there, or correct the address',
  model: 'Start Node with --allow-net if this process is meant to make connections',
  policy: 'Change the block list if that address is meant to be reached',
};

function resourceFix(facts: AdviceFacts): string {
  const name = facts.clues?.code ?? '';
  const limit = resourceLimit(facts);
  if (name === 'EMFILE') return `${RAISE_LIMIT} (ulimit -n), or keep fewer files and connections open at a time`;
  if (limit !== undefined) return RESOURCES[limit];
  return OWN_LIMITS[name] ?? "Read the error's code: it names the limit, the permission or the address";
}

function unknown(facts: AdviceFacts): string {
  const { phase, kind, initiator, connection, sent } = facts.failure;
  if (phase === 'proxy') return "Check the proxy's answer and its log";
  if (kind === 'protocol' && connection.reused === false && facts.statusCode === undefined)
    return `Correct what the server sends${facts.pool?.setting === 'connections' ? '' : ', or set insecureHTTPParser for this request, at a risk'}`;
  if (kind === 'protocol')
    return 'Look for a response whose length or chunks do not match its body, or that is framed twice, at the peer or a cache in front of it';
  if (isQueueFull(facts)) return 'Let the server accept faster, or raise the backlog of its listener';
  if (kind === 'other' && initiator === 'local')
    return 'Read the message of the error, and find what ended the request with it';
  if (kind === 'other') return 'Read the message of the error';
  if (facts.clues?.unread === 'whole')
    return 'Read the response at once: until it is read, Node reports the end of its connection as an error';
  if (facts.clues?.endedFirst)
    return 'End the socket only after the response: peers may take that for a client that has left';
  if (connection.reused === false && isReady(phase) && initiator === 'remote' && sent !== 'received')
    return isStartedLate(facts)
      ? STARTED_LATE
      : 'Candidates are a limiter that drops connections, the wrong protocol on this port, and a server that crashes at once';
  return 'Compare with what the peer logged at this time';
}
