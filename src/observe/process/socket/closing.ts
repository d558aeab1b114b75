import { executionAsyncResource } from 'node:async_hooks';
import { type Closing, INITIATOR_OF } from '../../../connection/closing';
import type { Connection } from '../../../connection/connection';
import { isCallOnSocket, isOfHttp2 } from '../../../verdict/evidence/codes';
import { errorFactsOf } from '../../../verdict/evidence/error-facts';
import { now } from '../clock';
import { NODE } from '../private-members';
import { isDestroyedByParser, isDestroyedByPipeline } from '../program-frame';
import { read } from '../read-private';
import { howDestroyed, isUndicis, probeMsOf } from './how-destroyed';
import { noteOwnCall } from './own-call';
import { endOf, isBySocketTimer } from './own-end';
import type { ObservedSocket } from './socket';

/** How a socket is being closed, determined while it is being destroyed. */
export function closingOf(socket: ObservedSocket, connection: Connection, exception: unknown): Closing {
  noteOwnCall(socket, connection, exception);
  const end = endOf(socket, connection);
  const how = end?.how ?? howDestroyed(socket, connection, exception);
  const closing: Closing = {
    atMs: now(),
    how,
    initiator: INITIATOR_OF[how],
    ...end,
    ...(isBySocketTimer(connection) && { bySocketTimer: true }),
    ...(how === 'reset' && { probeMs: probeMsOf(socket) }),
    ...(how === 'unseen' && exception == null && isDestroyedByParser() && { byParser: true }),
  };
  if (how === 'timer' && connection.transport !== 'undici' && exception != null) return { ...closing, withError: true };
  if (how !== 'request' && how !== 'program') return closing;
  const withError = how === 'program' ? isOfOther(connection, exception) : exception != null;
  return {
    ...closing,
    ...(withError && { withError }),
    ...(how === 'request' && exception == null && isDestroyedByPipeline() && { byPipeline: true }),
    ...timerAround(),
  };
}

/** How a timer of Node's may have led to what runs now. */
export function timerAround(): Pick<Closing, 'inTimer' | 'timerMs' | 'mayBeInTimer'> {
  const timer = executionAsyncResource();
  if (timer.constructor?.name !== 'Timeout') return isInArrival() ? {} : { mayBeInTimer: true };
  const timerMs = read(timer, NODE.timerDelay) ?? 0;
  return { inTimer: true, ...(timerMs > 0 && { timerMs }) };
}

/** What runs when something arrives: a message of HTTP, bytes, a signal. */
const ARRIVALS = new Set(['HTTPServerAsyncResource', 'HTTPClientAsyncResource', 'TCP', 'Pipe', 'TTY', 'Signal']);

/**
 * Something has arrived from outside, and what runs now was called for that. All else may go back to a timer, at any
 * remove: what a promise, `setImmediate`, `nextTick` or a callback resumes, and the events of what is being closed.
 */
function isInArrival(): boolean {
  const resource: { readonly fd?: unknown } = executionAsyncResource();
  if (!ARRIVALS.has(resource.constructor?.name ?? '')) return false;
  const isClosed = typeof resource.fd === 'number' && resource.fd < 0;
  return !isClosed;
}

/**
 * The program destroyed the socket with an error of something else. undici, which may be part of the program, does so
 * with its own, and with those of HTTP/2.
 */
function isOfOther(connection: Connection, exception: unknown): boolean {
  const error = errorFactsOf(exception);
  if (connection.transport !== 'undici') return isCallOnSocket(error.syscall) || error.code !== '' || error.deadline;
  return !isUndicis(connection, exception) && error.code !== '' && !isOfHttp2(error.code);
}
