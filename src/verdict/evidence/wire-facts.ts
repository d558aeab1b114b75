import type { FailureInitiator, FailureKind, FailurePhase, FailureSent } from '../failure';
import { endedByEarly408 } from './early-408';
import type { Evidence } from './evidence';

/** Facts of a verdict that are the same whatever the cause. */
export interface WireFacts {
  readonly kind: FailureKind;
  readonly phase: FailurePhase;
  readonly initiator: FailureInitiator;
  readonly sent: FailureSent;
}

interface Row {
  readonly when: (e: Evidence) => boolean;
  readonly kind: FailureKind;
  readonly initiator: FailureInitiator;
}

const LOCAL_RESOURCE =
  /^(EMFILE|ENFILE|ENOBUFS|ENOMEM|EADDRNOTAVAIL|EADDRINUSE|EACCES|EPERM|ERR_IP_BLOCKED|ERR_HTTP_HEADERS_SENT)$/;
const UNREACHABLE = /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ENONET)$/;
const NAME = /^(ENOTFOUND|EAI_\w+)$/;
/** OpenSSL's names of certificate verification results, as Node hands them out, and Node's own host name check. */
const CERTIFICATE =
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERROR_IN_C|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_|ERR_TLS_CERT_)/;
const TLS = /^(ERR_SSL_|ERR_TLS_|EPROTO$)/;

const ended = (e: Evidence, ...how: readonly string[]) => e.closing !== undefined && how.includes(e.closing.how);
const settingUp = (e: Evidence) => e.stage !== 'ready' && e.stage !== 'queue';

/** What a response may be at most, by the settings of this process. */
const OWN_LIMIT = new Set(['HPE_HEADER_OVERFLOW', 'UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_EXCEEDED_MAX_SIZE']);

export function isOwnLimit(code: string): boolean {
  return OWN_LIMIT.has(code);
}

/** From evidence to transport fact: the first row that fits decides. */
const ROWS: readonly Row[] = [
  { when: endedByEarly408, kind: 'closed', initiator: 'remote' },
  { when: (e) => died(e, 'remote') && ended(e, 'reset'), kind: 'reset', initiator: 'remote' },
  { when: (e) => died(e, 'remote'), kind: 'closed', initiator: 'remote' },
  { when: (e) => died(e, 'local'), kind: 'local_close', initiator: 'local' },
  { when: (e) => e.exchange.dead !== undefined, kind: 'closed', initiator: 'unknown' },
  // Connect timers: the socket's, or a client library's.
  { when: (e) => settingUp(e) && !e.error.cancelled && ranOut(e), kind: 'timed_out', initiator: 'local' },
  // Our own process, said by the error or seen on the socket.
  { when: (e) => e.error.cancelled && e.error.deadline, kind: 'local_timeout', initiator: 'local' },
  { when: (e) => e.error.cancelled, kind: 'local_abort', initiator: 'local' },
  { when: (e) => ended(e, 'agent') && !failedCall(e), kind: 'local_close', initiator: 'local' },
  { when: (e) => ranOut(e) && !ended(e, 'fin', 'reset'), kind: 'local_timeout', initiator: 'local' },
  { when: (e) => ended(e, 'request'), kind: 'local_abort', initiator: 'local' },
  // What the codes say.
  { when: (e) => e.error.code === 'ERR_PROXY_TUNNEL', kind: 'other', initiator: 'remote' },
  { when: (e) => e.error.code === 'ENOTFOUND', kind: 'dns', initiator: 'remote' },
  { when: (e) => NAME.test(e.error.code) || e.error.syscall === 'getaddrinfo', kind: 'dns', initiator: 'unknown' },
  { when: (e) => LOCAL_RESOURCE.test(e.error.code), kind: 'local_resource', initiator: 'local' },
  { when: (e) => isOwnLimit(e.error.code), kind: 'other', initiator: 'local' },
  // undici 7 and 8 leave the code of a parser's error out.
  {
    when: (e) => e.error.code.startsWith('HPE_') || e.error.name === 'HTTPParserError',
    kind: 'protocol',
    initiator: 'remote',
  },
  { when: (e) => CERTIFICATE.test(e.error.code), kind: 'tls', initiator: 'local' },
  { when: (e) => TLS.test(e.error.code), kind: 'tls', initiator: 'remote' },
  { when: (e) => e.error.code === 'ECONNREFUSED', kind: 'refused', initiator: 'remote' },
  // A Unix socket that does not exist.
  { when: (e) => e.error.code === 'ENOENT' && e.error.syscall === 'connect', kind: 'refused', initiator: 'remote' },
  { when: (e) => UNREACHABLE.test(e.error.code), kind: 'unreachable', initiator: 'unknown' },
  { when: (e) => e.error.code === 'ETIMEDOUT' && failedCall(e), kind: 'timed_out', initiator: 'unknown' },
  // The peer ended the connection.
  { when: (e) => e.progress.received > 0 && byPeer(e), kind: 'truncated', initiator: 'remote' },
  { when: (e) => e.error.code === 'EPIPE', kind: 'broken_pipe', initiator: 'remote' },
  { when: (e) => failedCall(e) || ended(e, 'reset'), kind: 'reset', initiator: 'remote' },
  { when: byPeer, kind: 'closed', initiator: 'remote' },
  { when: (e) => ended(e, 'program'), kind: 'local_abort', initiator: 'local' },
];

/** The facts of a failure that do not depend on its cause. */
export function wireFactsOf(e: Evidence): WireFacts {
  const row = ROWS.find(({ when }) => when(e));
  const sent = sentOf(e);
  return { kind: row?.kind ?? 'other', initiator: row?.initiator ?? 'unknown', sent, phase: phaseOf(e, sent) };
}

/** The connection was dead when acquired, ended by `initiator`. */
function died(e: Evidence, initiator: FailureInitiator): boolean {
  const { dead } = e.exchange;
  return dead !== undefined && dead !== 'unseen' && dead.initiator === initiator && e.progress.received === 0;
}

/** A deadline of this process passed: the socket's timer fired in this exchange, or the error says so. */
function ranOut(e: Evidence): boolean {
  return (
    e.error.deadline || ended(e, 'timer') || (e.exchange.timedOutAtRead !== undefined && ended(e, 'request', 'program'))
  );
}

function failedCall(e: Evidence): boolean {
  return e.error.syscall !== '' && /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTCONN)$/.test(e.error.code);
}

function byPeer(e: Evidence): boolean {
  if (failedCall(e) || ended(e, 'fin', 'reset', 'guard', 'lost')) return true;
  return e.stage === 'tls' && e.error.code === 'ECONNRESET' && !ended(e, 'request', 'agent', 'timer');
}

/** `none` only with proof: design of the verdict, "sent". */
function sentOf(e: Evidence): FailureSent {
  const { exchange, progress } = e;
  if (progress.received > 0) return 'received';
  if (exchange.wroteBefore || exchange.multiplexed) return progress.complete ? 'full' : 'partial';
  if (e.stage !== 'ready') return 'none';
  // Writes are seen on Node's own sockets only; a stream of the program's may have carried anything.
  if (exchange.writes === 0 && exchange.connection !== undefined) return 'none';
  const plain = exchange.connection?.secure === false;
  if (plain && (progress.dispatched === 0 || exchange.firstWriteFailed)) return 'none';
  if (e.error.syscall === 'write') return 'partial';
  return progress.complete ? 'full' : 'partial';
}

function phaseOf(e: Evidence, sent: FailureSent): FailurePhase {
  if (e.error.syscall === 'getaddrinfo' || NAME.test(e.error.code)) return 'dns';
  if (e.error.syscall === 'connect') return 'connect';
  if (e.stage !== 'ready') return e.stage;
  if (sent === 'received') return 'response';
  return sent === 'full' ? 'wait' : 'request';
}
