import { executionAsyncId, executionAsyncResource, triggerAsyncId } from 'node:async_hooks';
import { type Closing, INITIATOR_OF, type OwnEnd } from '../../../connection/closing';
import type { Connection } from '../../../connection/connection';
import {
  isCallOnSocket,
  isEndedByKernel,
  isFailedCall,
  isMadeByUndici,
  isOfHttp2,
  unreachableConfidence,
} from '../../../verdict/evidence/codes';
import { errorFactsOf } from '../../../verdict/evidence/error-facts';
import { lateAfterMs } from '../../../verdict/evidence/timing';
import { isTls } from '../../../verdict/evidence/tls-codes';
import { now } from '../clock';
import { NODE } from '../private-members';
import { processState } from '../process-state';
import { isDestroyedByParser, isDestroyedByPipeline, isDestroyedByProgram } from '../program-frame';
import { read } from '../read-private';
import { isOfAnother } from '../report-failure';
import { isInOwnCallback, isOwnCall, noteOwnCall } from './own-call';
import { hasLostPeer, isHttp2, type ObservedSocket, socketBelow } from './socket';

/** The socket whose timer is currently firing. */
let socketOfTimer: ObservedSocket | undefined;

export function setSocketOfTimer(socket: ObservedSocket | undefined): void {
  socketOfTimer = socket;
}

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

/** How a connection ended whose peer has ended its side, and whether ours had before; undefined if the peer has not. */
export function endOf(socket: ObservedSocket, connection: Connection | undefined): Omit<Closing, 'atMs'> | undefined {
  if (!socket.readableEnded) return undefined;
  const ownEnd = connection && ownEndOf(socket, connection);
  if (connection === undefined || ownEnd === undefined) return { how: 'fin', initiator: 'remote' };
  // Some programs end their side after the request, and wait for the answer.
  const hasGoneOn = socket.bytesRead > ownEnd.bytesRead && now() - ownEnd.atMs > lateAfterMs(connection.origin);
  if (hasGoneOn && !ownEnd.bySocketTimer) return { how: 'fin', initiator: 'unknown', byBoth: true };
  return { how: 'program', initiator: 'local', byBoth: true };
}

/**
 * When this process had ended its side, at the latest: nobody sees when it does so on the socket below TLS, which many
 * servers keep for their shutdown.
 */
function ownEndOf(socket: ObservedSocket, { endedHere }: Connection): OwnEnd | undefined {
  if (endedHere !== undefined || socketBelow(socket)?.writableEnded !== true) return endedHere;
  return { atMs: now(), bytesRead: socket.bytesRead, bySocketTimer: false };
}

/** This process ends its side of a connection whose peer has not ended its own. */
export function noteOwnEnd(socket: ObservedSocket, connection: Connection): void {
  const { bytesRead } = socket;
  connection.endedHere = { atMs: now(), bytesRead, bySocketTimer: isBySocketTimer(connection) };
}

/** What runs now was started when the socket's timer fired. */
function isBySocketTimer({ current }: Connection): boolean {
  const firedIn = current?.timedOutIn;
  return firedIn !== undefined && (executionAsyncId() === firedIn || triggerAsyncId() === firedIn);
}

/** The errors with which undici destroys a socket. Its own idle timer uses `UND_ERR_INFO`, as does its cancelling. */
const UNDICI_ENDS: ReadonlyMap<string, Closing['how']> = new Map([
  ['UND_ERR_INFO', 'request'],
  ['UND_ERR_ABORTED', 'request'],
  ['UND_ERR_DESTROYED', 'agent'],
  ['UND_ERR_CLOSED', 'agent'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timer'],
  ['UND_ERR_BODY_TIMEOUT', 'timer'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timer'],
  // The peer sent what undici does not accept.
  ['UND_ERR_SOCKET', 'guard'],
]);

/** How a connection ended that the peer has not ended by a FIN. */
function howDestroyed(socket: ObservedSocket, connection: Connection, exception: unknown): Closing['how'] {
  // This process had ended its side, and what followed is the reply, except that a client may continue its request.
  const mayGoOn = connection.state !== 'idle' && connection.transport !== 'httpServer';
  const isEndedHere = ownEndOf(socket, connection) !== undefined;
  if (isEndedHere && (!mayGoOn || errorFactsOf(exception).syscall === 'write')) return 'program';
  const byRequest = connection.current?.isDestroyed === true;
  if (!byRequest && exception != null) {
    const error = errorFactsOf(exception);
    const { code, syscall } = error;
    // A connection that is being made is destroyed with the error of its look-up, whatever that is about.
    if (isCallOnSocket(syscall) && !isOwnCall(socket)) return connection.state === 'connecting' ? 'unseen' : 'program';
    if (code === 'ETIMEDOUT' && syscall !== '') return 'lost';
    // The network says that the peer cannot be reached: nobody has ended anything.
    const isOfTls = isTls(error) && connection.secure;
    if (!isOfTls && unreachableConfidence(error) !== undefined) return 'lost';
    if (isEndedByKernel(error)) return 'unseen';
    if (isFailedCall(error)) return 'reset';
    if (isCallOnSocket(syscall)) return 'unseen';
  }
  const byUndici = isUndicis(connection, exception) ? UNDICI_ENDS.get(errorFactsOf(exception).code) : undefined;
  if (byUndici === 'guard' && connection.state === 'idle' && !isHttp2(socket)) return 'stray';
  // undici itself ends a busy session if the peer announced its departure (GOAWAY) or did not answer a ping.
  if (byUndici === 'guard' && connection.state !== 'idle' && isHttp2(socket)) return 'unseen';
  if (byUndici !== undefined) return connection.state === 'idle' && byUndici === 'request' ? 'timer' : byUndici;
  if (socketOfTimer === socket) return 'timer';
  if (processState.isAgentDestroying) return 'agent';
  if (byRequest) return 'request';
  // Since Node 22.23 a listener destroys an idle pooled socket from within its own read, whatever was read.
  if (connection.isIdle && connection.state !== 'connecting' && isInOwnCallback(socket)) {
    if (mayBeGivenUp(connection, socket)) return 'lost';
    if (socket.bytesRead !== connection.readAtRelease) return 'stray';
    return hasLostPeer(socket) ? 'reset' : 'guard';
  }
  // This side closed it first.
  if (socket.writableEnded) return 'program';
  // Neither the peer nor our own code left a trace: only a frame on the stack shows that the program closed it. Frames
  // below Node's client are those of what wraps the events of sockets.
  if (exception == null && isDestroyedByParser()) return 'unseen';
  return isDestroyedByProgram() ? 'program' : 'unseen';
}

/**
 * TCP's keep-alive probes may have given up a silent path: after the agent's `keepAliveMsecs`, usually a second, they come
 * every second until ten are not answered. Earlier ones may have been answered, so it is unknown since when the path has
 * been silent, or whether the peer reset the connection instead. The kernel no longer has a peer either way; after a FIN
 * it still has one.
 */
function mayBeGivenUp(connection: Connection, socket: ObservedSocket): boolean {
  const delayMs = probeMsOf(socket);
  if (delayMs === 0) return false;
  // Nobody knows when they begin if the program left that to the system.
  const sinceMs = delayMs === undefined ? Number.POSITIVE_INFINITY : (connection.awakeIdleMs(now()) ?? 0) - delayMs;
  return sinceMs > 9_900 && hasLostPeer(socket);
}

/**
 * The silence after which TCP probes the connection (its keep-alive delay), in ms; 0 if it never does. Undefined if
 * unknown, for example where the program left it to the system.
 */
function probeMsOf(socket: ObservedSocket): number | undefined {
  const isOn = read(socket, NODE.keepAlive);
  if (isOn === false) {
    const below = socketBelow(socket);
    return below === undefined ? 0 : probeMsOf(below);
  }
  const delayS = read(socket, NODE.keepAliveDelay);
  return isOn && delayS !== undefined && delayS > 0 ? delayS * 1_000 : undefined;
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

/**
 * undici created the error for this connection: no other request failed with it, and a connect timeout cannot concern
 * an established connection.
 */
function isUndicis({ transport, state }: Connection, exception: unknown): boolean {
  const error = errorFactsOf(exception);
  const isLate = error.connectTimer && state !== 'connecting';
  return transport === 'undici' && isMadeByUndici(error) && !isLate && !isOfAnother(exception);
}
