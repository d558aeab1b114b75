import { now } from '../process/clock';
import type { ObservedSocket } from '../process/socket/socket';
import type { HttpExchange } from './client-exchange';

/** How long a program may take from a `'timeout'` event to destroying the request. */
const TIMEOUT_TO_DESTROY_MS = 100;
/** Node's timers fire up to this much early, measured on our clock. */
const EARLY_MS = 2;

/** The socket's timer fired a moment ago and no byte came since: the timer ended the request. */
export function isTimedOut({ timedOutAtRead, timedOutMs }: HttpExchange, socket: ObservedSocket | undefined): boolean {
  return timedOutAtRead === socket?.bytesRead && now() - (timedOutMs ?? 0) <= TIMEOUT_TO_DESTROY_MS;
}

/** Judging by its length, the socket's timer may have fired in this exchange, observed or not. */
export function mayBeTimedOut({ acquiredMs, connection }: HttpExchange, socket: ObservedSocket): boolean {
  const { timeout } = socket;
  if (!timeout) return false;
  const sinceMs = Math.max(acquiredMs ?? 0, connection?.lastWriteMs ?? 0);
  return now() - sinceMs >= timeout - EARLY_MS;
}
