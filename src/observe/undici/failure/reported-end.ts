import { type ErrorFacts, NO_ERROR } from '../../../verdict/evidence/error-facts';
import { isOfAnother } from '../../process/report-failure';
import type { UndiciExchange } from '../exchange';
import { type AbortReason, hidesItsEnd, isUntouched, sinkEndOf, sourceErrorOf } from '../internals';
import { isLive, tlsErrorBehind } from './connection-errors';
import { type EndingError, isOfUndiciOrHttp2 } from './given-up';
import { connectErrorFacts, isBodyLeft, isPlainAbort, requestErrorFacts } from './request-error-facts';
import { mayBeWritten } from './setup-stage';

/** What undici reported about the end of a request. */
export interface ReportedEnd extends EndingError {
  /** The reason of its signal, the error of its source or of its sink, or the one with which it failed. */
  readonly why: unknown;
  /** This process may have ended the request: neither a failed connect nor the end of its client did. */
  readonly isOwn: boolean;
  /** The error is that of the stream that takes its answer. */
  readonly isOfSink: boolean;
  /** The sink of its answer cannot be read. */
  readonly isSinkHidden: boolean;
}

/** `abort`: what its handler knows about its signal, if anything. */
export function reportedEndOf(
  exchange: UndiciExchange,
  error: unknown,
  isConnecting: boolean,
  abort: AbortReason | undefined,
): ReportedEnd {
  const { connection, request } = exchange;
  const reason = abort?.reason;
  // A body source that fails before its request is begun has ended it, whatever undici reports later.
  const sourceError = sourceErrorOf(request);
  const source = isUntouched(request) ? sourceError : undefined;
  const sink = reason == null && isPlainAbort(error) ? sinkEndOf(request) : undefined;
  const isSinkHidden = sink?.isHidden === true;
  const why = reason ?? source ?? sink?.error ?? error;
  const isWithError = connection?.closing?.withError === true;
  // undici ends a source with the error with which the program destroyed its client.
  const isOfSource = why != null && why === sourceError && !isWithError;
  const isUnheld = connection === undefined && !isConnecting;
  const isShared = isOfAnother(why);
  const isOfConnect = isConnecting && source == null;
  // Whoever ended the client, with the error of a request that had failed, says nothing about those that waited.
  const isWithClient = isShared && isUnheld && reason == null;
  const isOwn = error !== undefined && !isOfConnect && !isWithClient;
  const isOfSink = why != null && why === sink?.error;
  const mayBeOfSink = isOfSink || (reason == null && !isOfSource && hidesItsEnd(request));
  const end = { why, isOfSource, isOfSink, mayBeOfSink, isOwn, isSinkHidden };
  if (isOfConnect) return { ...end, facts: connectErrorFacts(error) };
  const isBorrowed = isOfSource || (isShared && (reason != null || isLive(exchange) || isUnheld || isWithError));
  // The source of a body may be cancelled, or have a deadline: that is not the request's.
  const isHidden = isSinkHidden || (isOfSource && reason == null);
  const tlsError = why === error ? tlsErrorBehind(error, connection) : undefined;
  const facts = isWithClient ? NO_ERROR : requestErrorFacts(tlsError ?? why, isBorrowed, isHidden);
  const isUnsaid = isOfUnseen(exchange, facts, isUnheld) || isBodyLeft(exchange, facts);
  return { ...end, facts: isUnsaid ? { ...facts, code: '', syscall: '', isTunnelRefused: false } : facts };
}

/** On an unobserved session, nothing shows whether an unrelated error is about it. */
function isOfUnseen(exchange: UndiciExchange, { code, cancelled, deadline }: ErrorFacts, isUnheld: boolean): boolean {
  return isUnheld && !exchange.foreign && mayBeWritten(exchange, cancelled || deadline) && !isOfUndiciOrHttp2(code);
}
