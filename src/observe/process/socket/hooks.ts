import { executionAsyncId } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import net from 'node:net';
import type { CurrentExchange } from '../../../connection/current-exchange';
import { errorFactsOf, property } from '../../../verdict/evidence/error-facts';
import { blindForMs, isAtOnce, loopIdleMs, now, pollsAtWrite } from '../clock';
import { before, guarded, patch, reportFault, type Undo, undoAll } from '../patch';
import { NODE } from '../private-members';
import { processState } from '../process-state';
import { checkMethods, read } from '../read-private';
import { closingOf } from './closing';
import { setSocketOfTimer } from './how-destroyed';
import { noteOwnEnd } from './own-end';
import type { ObservedSocket } from './socket';

/** The socket on which the first write of a request is in progress. */
let firstWriteOn: ObservedSocket | undefined;
/**
 * The function that Node calls when a socket's timer fires, with our patch in it; undefined where it could not be
 * patched.
 */
let timerMethod: unknown;

/** Patches what every tracked socket needs: writes, timer, end and destroy. */
export function observeSockets(): Undo {
  checkMethods();
  const unpatched: unknown = Reflect.get(net.Socket.prototype, '_onTimeout');
  const undo = undoAll([
    patch(
      net.Socket.prototype,
      '_writeGeneric',
      (original, state) =>
        function _writeGeneric(writev, data, encoding, done) {
          if (!state.active) return original.call(this, writev, data, encoding, done);
          beforeWrite(this);
          const result = original.call(this, writev, data, encoding, done);
          if (firstWriteOn === this) afterWrite(this);
          return result;
        },
    ),
    patch(net.Socket.prototype, '_onTimeout', (original, state) => {
      const timedOut = guarded(noteTimeout);
      // It has no name, like Node's own.
      return function () {
        if (!state.active) return original.call(this);
        timedOut(this);
        setSocketOfTimer(this);
        try {
          return original.call(this);
        } finally {
          setSocketOfTimer(undefined);
        }
      };
    }),
    before(net.Socket.prototype, '_final', (self) => {
      const socket = self as ObservedSocket;
      const connection = processState.sockets.get(socket);
      if (connection !== undefined && !socket.readableEnded) noteOwnEnd(socket, connection);
    }),
    before(net.Socket.prototype, '_destroy', (self, exception) => {
      const socket = self as ObservedSocket;
      const connection = processState.sockets.get(socket);
      if (connection === undefined || connection.state === 'closed') return;
      const closing = closingOf(socket, connection, exception);
      for (const listener of processState.destroyListeners) listener(connection, socket, closing, exception);
    }),
    () => {
      processState.sockets = new WeakMap();
    },
  ]);
  const patched: unknown = Reflect.get(net.Socket.prototype, '_onTimeout');
  timerMethod = patched === unpatched ? undefined : patched;
  return undo;
}

/**
 * Whether the firing of this socket's timer is observed. Unknown, hence false, if another wrapper is on top of ours.
 */
export function seesTimer(socket: ObservedSocket): boolean {
  return typeof timerMethod === 'function' && Reflect.get(socket, '_onTimeout') === timerMethod;
}

/** Each request passes here at least once, so that this function and the next are their own guards. */
function beforeWrite(socket: ObservedSocket): void {
  try {
    firstWriteOn = undefined;
    const connection = processState.sockets.get(socket);
    if (connection === undefined || connection.transport === 'httpServer' || socket.connecting) return;
    const nowMs = now();
    const { current, lastWriteMs = nowMs } = connection;
    connection.lastWriteMs = nowMs;
    if (current === undefined) return;
    if (current.writes > 0) {
      if (nowMs - lastWriteMs > current.longestGapMs) current.longestGapMs = nowMs - lastWriteMs;
      return;
    }
    firstWriteOn = socket;
    const { acquiredMs, loopIdleAtAcquireMs } = current;
    // Most requests are written as soon as they have a connection.
    const isKnown = acquiredMs !== undefined && loopIdleAtAcquireMs !== undefined && isAtOnce(acquiredMs, nowMs);
    const loopIdleNowMs = isKnown ? loopIdleAtAcquireMs : loopIdleMs(nowMs);
    noteFirstWrite(current, nowMs, loopIdleNowMs);
  } catch (error) {
    reportFault(error);
  }
}

/** The first write for an exchange is attempted: how well this process could see its sockets by then is recorded. */
export function noteFirstWrite(exchange: CurrentExchange, nowMs: number, loopIdleNowMs: number): void {
  const blindMs = blindForMs(nowMs, loopIdleNowMs);
  exchange.wrote(nowMs, loopIdleNowMs, blindMs, pollsAtWrite(exchange.idleMs, blindMs));
}

/** A first write that the kernel refuses fails before the call returns, which proves that nothing was sent. */
function afterWrite(socket: ObservedSocket): void {
  firstWriteOn = undefined;
  try {
    if (socket.errored == null) return;
    const exchange = processState.sockets.get(socket)?.current;
    if (exchange !== undefined) exchange.firstWriteFailed = errorFactsOf(socket.errored).syscall === 'write';
  } catch (error) {
    reportFault(error);
  }
}

/** Node may only restart a timer that fires while bytes are still queued: that is not a timeout. */
function noteTimeout(socket: ObservedSocket): void {
  const exchange = processState.sockets.get(socket)?.current;
  const handle = read(socket, NODE.handle);
  if (exchange === undefined || (handle != null && read(handle, NODE.writeQueueSize))) return;
  if (!isHeard(socket, exchange)) return;
  exchange.timedOutAtRead = socket.bytesRead;
  exchange.timedOutMs = now();
  exchange.timedOutIn = executionAsyncId();
}

/** The listeners of Node's agent and of Node's request, of which each socket has at most one. */
const OF_NODE = ['onTimeout', 'emitRequestTimeout'];

/** Whether the program listens for the timeout, without which the timer ends nothing. */
function isHeard(socket: ObservedSocket, exchange: object): boolean {
  const request = property(exchange, 'request');
  if (request instanceof EventEmitter && request.listenerCount('timeout') > 0) return true;
  const names = socket.listeners('timeout').map(({ name }) => name);
  return names.length > OF_NODE.filter((name) => names.includes(name)).length;
}
