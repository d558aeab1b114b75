import type { Closing } from '../../../connection/closing';
import type { Connection } from '../../../connection/connection';
import {
  isCallOnSocket,
  isEndedByKernel,
  isFailedCall,
  isMadeByUndici,
  unreachableConfidence,
} from '../../../verdict/evidence/codes';
import { errorFactsOf } from '../../../verdict/evidence/error-facts';
import { isTls } from '../../../verdict/evidence/tls-codes';
import { now } from '../clock';
import { NODE } from '../private-members';
import { processState } from '../process-state';
import { isDestroyedByParser, isDestroyedByProgram } from '../program-frame';
import { read } from '../read-private';
import { isOfAnother } from '../report-failure';
import { isInOwnCallback, isOwnCall } from './own-call';
import { ownEndOf } from './own-end';
import { hasLostPeer, isHttp2, type ObservedSocket, socketBelow } from './socket';

/** The socket whose timer is currently firing. */
let socketOfTimer: ObservedSocket | undefined;

export function setSocketOfTimer(socket: ObservedSocket | undefined): void {
  socketOfTimer = socket;
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

type How = Closing['how'];

/** How a connection ended that the peer has not ended by a FIN: the first of these signs decides. */
export function howDestroyed(socket: ObservedSocket, connection: Connection, exception: unknown): How {
  if (hasEndedHere(socket, connection, exception)) return 'program';
  const byRequest = connection.current?.isDestroyed === true;
  const byCall = byRequest || exception == null ? undefined : howByCall(socket, connection, exception);
  return (
    byCall ??
    howByUndici(socket, connection, exception) ??
    (socketOfTimer === socket ? 'timer' : undefined) ??
    (processState.isAgentDestroying ? 'agent' : undefined) ??
    (byRequest ? 'request' : undefined) ??
    howByIdleListener(socket, connection) ??
    // This side closed it first.
    (socket.writableEnded ? 'program' : howByStack(exception))
  );
}

/** This process had ended its side, and what followed is the reply, except that a client may continue its request. */
function hasEndedHere(socket: ObservedSocket, connection: Connection, exception: unknown): boolean {
  if (ownEndOf(socket, connection) === undefined) return false;
  const mayGoOn = connection.state !== 'idle' && connection.transport !== 'httpServer';
  return !mayGoOn || errorFactsOf(exception).syscall === 'write';
}

/** A call on the socket failed, or seems to: the program may have destroyed it with the error of another call. */
function howByCall(socket: ObservedSocket, connection: Connection, exception: unknown): How | undefined {
  const error = errorFactsOf(exception);
  const { code, syscall } = error;
  // A connecting socket is destroyed with its look-up's error, whatever that is about.
  if (isCallOnSocket(syscall) && !isOwnCall(socket)) return connection.state === 'connecting' ? 'unseen' : 'program';
  if (code === 'ETIMEDOUT' && syscall !== '') return 'lost';
  // The network reports the peer unreachable: neither side ended anything.
  const isOfTls = isTls(error) && connection.secure;
  if (!isOfTls && unreachableConfidence(error) !== undefined) return 'lost';
  if (isEndedByKernel(error)) return 'unseen';
  if (isFailedCall(error)) return 'reset';
  return isCallOnSocket(syscall) ? 'unseen' : undefined;
}

/** undici destroyed it, with an error of its own. */
function howByUndici(socket: ObservedSocket, connection: Connection, exception: unknown): How | undefined {
  if (!isUndicis(connection, exception)) return undefined;
  const how = UNDICI_ENDS.get(errorFactsOf(exception).code);
  const isIdle = connection.state === 'idle';
  if (how === 'request') return isIdle ? 'timer' : how;
  if (how !== 'guard') return how;
  if (isIdle) return isHttp2(socket) ? how : 'stray';
  // undici itself ends a busy session if the peer announced its departure (GOAWAY) or did not answer a ping.
  return isHttp2(socket) ? 'unseen' : how;
}

/** Since Node 22.23 a listener destroys an idle pooled socket from within its own read, whatever was read. */
function howByIdleListener(socket: ObservedSocket, connection: Connection): How | undefined {
  if (!connection.isIdle || connection.state === 'connecting' || !isInOwnCallback(socket)) return undefined;
  if (mayBeGivenUp(connection, socket)) return 'lost';
  if (socket.bytesRead !== connection.readAtRelease) return 'stray';
  return hasLostPeer(socket) ? 'reset' : 'guard';
}

/**
 * Neither the peer nor our own code left a trace: only a frame on the stack shows that the program closed it. Frames
 * below Node's client are those of what wraps the events of sockets.
 */
function howByStack(exception: unknown): How {
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
export function probeMsOf(socket: ObservedSocket): number | undefined {
  const isOn = read(socket, NODE.keepAlive);
  if (isOn === false) {
    const below = socketBelow(socket);
    return below === undefined ? 0 : probeMsOf(below);
  }
  const delayS = read(socket, NODE.keepAliveDelay);
  return isOn && delayS !== undefined && delayS > 0 ? delayS * 1_000 : undefined;
}

/**
 * undici created the error for this connection: no other request failed with it, and a connect timeout cannot concern
 * an established connection.
 */
export function isUndicis({ transport, state }: Connection, exception: unknown): boolean {
  const error = errorFactsOf(exception);
  const isLate = error.connectTimer && state !== 'connecting';
  return transport === 'undici' && isMadeByUndici(error) && !isLate && !isOfAnother(exception);
}
