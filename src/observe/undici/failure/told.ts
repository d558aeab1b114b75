import { type ErrorFacts, NO_ERROR } from '../../../verdict/evidence/error-facts';
import { isOfAnother } from '../../process/report-failure';
import type { UndiciExchange } from '../exchange';
import { type AbortReason, isUntouched, sinkEndOf, sourceErrorOf } from '../internals';
import { isLive } from './endings';
import { connectShape, isBodyLeft, isPlainAbort, shapeOf } from './error-shape';
import { isOfUndici } from './given-up';
import { mayBeWritten } from './setup-stage';

/** What undici told of the end of a request. */
export interface Told {
  /** The reason of its signal, the error of its source or of its sink, or the one with which it failed. */
  readonly why: unknown;
  /** What `why` shows of this request. */
  readonly shape: ErrorFacts;
  /** It ended with the error of the stream that feeds its body. */
  readonly isOfSource: boolean;
  /** What this process did may have ended it: it neither failed to connect, nor with the client that it waited for. */
  readonly isOwn: boolean;
  /** The sink of its answer cannot be read. */
  readonly isSinkHidden: boolean;
}

/** `abort`: what its handler knows about its signal, if anything. */
export function toldOf(
  exchange: UndiciExchange,
  error: unknown,
  isConnecting: boolean,
  abort: AbortReason | undefined,
): Told {
  const { connection, request } = exchange;
  const reason = abort?.reason;
  // A body source that fails before its request is begun has ended it, whatever undici reports later.
  const sourceError = sourceErrorOf(request);
  const source = isUntouched(request) ? sourceError : undefined;
  const sink = reason == null && isPlainAbort(error) ? sinkEndOf(request) : undefined;
  const isSinkHidden = sink?.isHidden === true;
  const why = reason ?? source ?? sink?.error ?? error;
  const isOfSource = why != null && why === sourceError;
  const isUnheld = connection === undefined && !isConnecting;
  const isShared = isOfAnother(why);
  const isOfConnect = isConnecting && source == null;
  // Whoever ended the client, with the error of a request that had failed, says nothing about those that waited.
  const isWithClient = isShared && isUnheld && reason == null;
  const isOwn = error !== undefined && !isOfConnect && !isWithClient;
  const told = { why, isOfSource, isOwn, isSinkHidden };
  if (isOfConnect) return { ...told, shape: connectShape(error) };
  const isBorrowed = isOfSource || (isShared && (reason != null || isLive(exchange) || isUnheld));
  // The source of a body may be cancelled, or have a deadline: that is not the request's.
  const isHidden = isSinkHidden || (isOfSource && reason == null);
  const shape = isWithClient ? NO_ERROR : shapeOf(why, isBorrowed, isHidden);
  const isUnsaid = isOfUnseen(exchange, shape, isUnheld) || isBodyLeft(exchange, shape);
  return { ...told, shape: isUnsaid ? { ...shape, code: '', syscall: '' } : shape };
}

/** Of a session that was never seen, nothing shows whether the error of something else is about it. */
function isOfUnseen(exchange: UndiciExchange, { code, cancelled, deadline }: ErrorFacts, isUnheld: boolean): boolean {
  return isUnheld && !exchange.foreign && mayBeWritten(exchange, cancelled || deadline) && !isOfUndici(code);
}
