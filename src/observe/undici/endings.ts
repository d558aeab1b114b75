import type { Connection } from '../../connection/connection';
import type { Origin } from '../../peer/origin';
import { property } from '../../verdict/evidence/error-facts';
import { type ConnectMessage, pipeOf } from './connections';

/** A client that could not connect; undefined origin: that of its requests. */
interface ConnectError {
  readonly origin: Origin | undefined;
}

/** The connection that ended with an error: requests that had none yet fail with the same object. */
let endings = new WeakMap<object, Connection>();
/** Errors with which connecting failed. */
let connectErrors = new WeakMap<object, ConnectError>();

export function forgetEndings(): void {
  endings = new WeakMap();
  connectErrors = new WeakMap();
}

/** A connection ended with this error. */
export function noteEnding(connection: Connection, error: unknown): void {
  if (typeof error === 'object' && error !== null) endings.set(error, connection);
}

export function endingOf(error: unknown): Connection | undefined {
  return typeof error === 'object' && error !== null ? endings.get(error) : undefined;
}

/** A client could not connect: all requests that wait for it fail with this error. */
export function noteConnectError({ error, connectParams, connector }: ConnectMessage): void {
  if (typeof error !== 'object' || error === null) return;
  // A Unix socket's error has its path for an address, and no port.
  const isPipe = typeof property(error, 'address') === 'string' && property(error, 'port') === undefined;
  connectErrors.set(error, { origin: isPipe ? pipeOf(connectParams, connector) : undefined });
}

export function connectErrorOf(error: unknown): ConnectError | undefined {
  return typeof error === 'object' && error !== null ? connectErrors.get(error) : undefined;
}
