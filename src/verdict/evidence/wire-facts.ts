import type { FailureInitiator, FailureKind, FailurePhase, FailureSent } from '../failure';
import {
  isAnsweredName,
  isCallOnSocket,
  isEndedByKernel,
  isFailedCall,
  isName,
  isOwnLimit,
  isParserError,
  isRefused,
  resourceLimitOf,
  unreachableConfidence,
} from './codes';
import { endedByEarly408 } from './early-408';
import type { ErrorFacts } from './error-facts';
import type { Evidence } from './evidence';
import { isAboutAnother, isDestroyedWithCode, isEndedByOthers, isGivenUp } from './given-up';
import { isResponseBegun, isSeenByPeer, phaseOf, sentOf, stageOf } from './sent';
import { isTls, tlsInitiator } from './tls-codes';

/** The facts of a verdict that do not depend on the cause. */
export interface WireFacts {
  readonly kind: FailureKind;
  readonly phase: FailurePhase;
  readonly initiator: FailureInitiator;
  readonly sent: FailureSent;
}

interface Row {
  readonly when: (e: Evidence) => boolean;
  readonly kind: FailureKind;
  readonly initiator: FailureInitiator | ((e: Evidence) => FailureInitiator);
}

const ended = (e: Evidence, ...how: readonly string[]) => e.closing !== undefined && how.includes(e.closing.how);

/** From evidence to transport fact: the first matching row decides. If none matches, it is `other`, `unknown`. */
const ROWS: readonly Row[] = [
  // Without a socket, only an error that reports an abort is evidence.
  { when: (e) => e.handleless === true && !isAborted(e), kind: 'other', initiator: 'unknown' },

  // Dead when acquired.
  { when: endedByEarly408, kind: 'closed', initiator: 'remote' },
  { when: (e) => died(e, 'remote') && ended(e, 'reset'), kind: 'reset', initiator: 'remote' },
  { when: (e) => died(e, 'remote'), kind: 'closed', initiator: 'remote' },
  { when: (e) => died(e, 'local'), kind: 'local_close', initiator: 'local' },
  { when: (e) => died(e, 'unknown') && ended(e, 'lost'), kind: 'timed_out', initiator: 'unknown' },
  { when: (e) => died(e, 'unknown'), kind: 'closed', initiator: 'unknown' },

  // This process ended it, as the error or the socket shows.
  { when: (e) => e.error.connectTimer && !isAboutAnother(e), kind: 'timed_out', initiator: 'local' },
  { when: (e) => isAborted(e) && !isCancelled(e), kind: 'local_timeout', initiator: 'local' },
  { when: isAborted, kind: 'local_abort', initiator: 'local' },
  { when: isGivenUp, kind: 'other', initiator: 'local' },
  { when: (e) => ended(e, 'agent') && !isFailedCall(e.error), kind: 'local_close', initiator: 'local' },
  { when: (e) => ranOut(e) && !isEndedByOthers(e), kind: 'local_timeout', initiator: 'local' },

  // The error with which the program destroyed it came from something else.
  { when: isAboutAnother, kind: 'other', initiator: initiatorOfAnother },

  { when: isOfOtherConnection, kind: 'other', initiator: 'unknown' },

  // What the codes mean, together with their system calls.
  { when: (e) => e.error.isTunnelRefused && e.stage === 'proxy', kind: 'other', initiator: 'remote' },
  {
    when: (e) => isName(e.error),
    kind: 'dns',
    initiator: ({ error }) => (isAnsweredName(error) ? 'remote' : 'unknown'),
  },
  { when: (e) => isResource(e.error), kind: 'local_resource', initiator: 'local' },
  { when: (e) => isOwnLimit(e.error.code), kind: 'other', initiator: 'local' },
  { when: isRefusedNotModified, kind: 'other', initiator: 'local' },
  { when: isCutAtEnd, kind: 'truncated', initiator: enderOf },
  { when: (e) => isParserError(e.error) && !isStreamOfOtherLength(e), kind: 'protocol', initiator: 'remote' },
  { when: (e) => isTls(e.error) && !isOnPlain(e), kind: 'tls', initiator: (e) => tlsInitiator(e.error.code) },
  { when: (e) => isRefused(e.error), kind: 'refused', initiator: 'remote' },
  { when: (e) => unreachableConfidence(e.error) !== undefined, kind: 'unreachable', initiator: 'unknown' },

  // The program destroyed it: without a meaningful error this is an abort.
  { when: isDestroyedWithCode, kind: 'other', initiator: 'local' },
  { when: (e) => ended(e, 'request'), kind: 'local_abort', initiator: 'local' },

  // The network gave up, or the peer ended the connection.
  { when: (e) => e.error.code === 'ETIMEDOUT' && isFailedCall(e.error), kind: 'timed_out', initiator: 'unknown' },
  { when: (e) => isResponseBegun(e) && !e.responseComplete && byPeer(e), kind: 'truncated', initiator: enderOf },
  { when: isBrokenPipe, kind: 'broken_pipe', initiator: 'remote' },
  { when: (e) => isEndedByKernel(e.error), kind: 'reset', initiator: 'unknown' },
  { when: (e) => isFailedCall(e.error) || ended(e, 'reset'), kind: 'reset', initiator: 'remote' },
  { when: byPeer, kind: 'closed', initiator: enderOf },
  { when: isDestroyedByProgram, kind: 'local_abort', initiator: 'local' },
];

/** EPIPE from a system call, or from a write after the peer's FIN, which Node itself refuses. */
function isBrokenPipe(e: Evidence): boolean {
  return e.error.code === 'EPIPE' && (e.error.syscall !== '' || ended(e, 'fin'));
}

/** There was no connection yet on which that call could fail: a look-up or a connector passed on its own error. */
function isOfOtherConnection(e: Evidence): boolean {
  const stage = stageOf(e);
  return isCallOnSocket(e.error.syscall) && (stage === 'queue' || stage === 'dns' || stage === 'connect');
}

/** On an established connection without TLS: only a failed call is about it. */
function isOnPlain(e: Evidence): boolean {
  return e.exchange.connection?.secure === false && (isCallOnSocket(e.error.syscall) || stageOf(e) === 'ready');
}

/**
 * undici waits for the bytes that the `Content-Length` of a 304 announces: they are those of the response that the client
 * already has (RFC 9110 section 8.6).
 */
function isRefusedNotModified({ statusCode, error }: Evidence): boolean {
  return statusCode === 304 && error.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
}

/** A stream of HTTP/2 ended before, or after, as many bytes as its `Content-Length` announces: all that came was parsed. */
function isStreamOfOtherLength({ error, exchange }: Evidence): boolean {
  return exchange.multiplexed && error.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
}

/**
 * undici reads a response that ends with its connection to the end, and reports one that ends too short as unparsable.
 * Before the end it refuses what cannot be parsed. A 204 has no body, whatever it announces.
 */
function isCutAtEnd(e: Evidence): boolean {
  return isParserError(e.error) && isResponseBegun(e) && e.statusCode !== 204 && ended(e, 'fin', 'reset');
}

function isResource(error: ErrorFacts): boolean {
  return resourceLimitOf(error, error.failedAddress?.address) !== undefined;
}

/** The peer, unless this process had ended its side before, and the peer went on, or the kernel ended both. */
function enderOf({ closing, error }: Evidence): FailureInitiator {
  return closing?.byBoth || isEndedByKernel(error) ? 'unknown' : 'remote';
}

/** The facts of a failure that do not depend on its cause. */
export function wireFactsOf(e: Evidence): WireFacts {
  const row = ROWS.find(({ when }) => when(e));
  const initiator = row?.initiator ?? 'unknown';
  const sent = sentOf(e);
  return {
    kind: row?.kind ?? 'other',
    initiator: typeof initiator === 'function' ? initiator(e) : initiator,
    sent,
    phase: phaseOf(e, sent),
  };
}

/** The program, or its signal, cancelled the request: not after the peer's closing was seen. */
function isAborted(e: Evidence): boolean {
  return (e.error.cancelled || e.signalAborted === true) && !isEndedByOthers(e);
}

/** The program cancelled the request, and not because of a deadline. */
export function isCancelled(e: Evidence): boolean {
  return isAborted(e) && !e.error.deadline && e.closing?.bySocketTimer !== true;
}

/** An error about another connection was the program's, unless this connection was closed by the peer. */
function initiatorOfAnother(e: Evidence): FailureInitiator {
  return ended(e, 'request', 'program') ? 'local' : 'unknown';
}

/** The connection was dead when acquired, ended by `initiator`. */
function died(e: Evidence, initiator: FailureInitiator): boolean {
  const { dead } = e.exchange;
  if (dead === undefined || isSeenByPeer(e)) return false;
  return (dead === 'unseen' ? 'unknown' : dead.initiator) === initiator;
}

/** A deadline of this process passed: the socket's timer fired in this exchange, or the error reports it. */
function ranOut(e: Evidence): boolean {
  return (
    e.error.deadline || ended(e, 'timer') || (e.exchange.timedOutAtRead !== undefined && ended(e, 'request', 'program'))
  );
}

function byPeer(e: Evidence): boolean {
  if (isFailedCall(e.error) || isEndedByOthers(e)) return true;
  return stageOf(e) === 'tls' && e.error.code === 'ECONNRESET' && !ended(e, 'request', 'agent', 'timer');
}

/** The program called `socket.destroy()` without a meaningful error; any other error is classified by its code. */
function isDestroyedByProgram({ closing, error }: Evidence): boolean {
  if (closing?.how !== 'program' || closing.initiator !== 'local') return false;
  return error.syscall === '' && (error.code === '' || error.code === 'ECONNRESET');
}
