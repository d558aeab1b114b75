import type { Connection } from '../../../connection/connection';
import type { ErrorFacts } from '../../../verdict/evidence/error-facts';
import type { Evidence } from '../../../verdict/evidence/evidence';
import { isTls } from '../../../verdict/evidence/tls-codes';
import { connectedNow } from '../connections';
import type { UndiciExchange } from '../exchange';
import { isUntouched } from '../internals';
import { protocolOf } from '../protocols';
import type { ClosedWithError } from './connection-errors';

type Stage = Evidence['stage'];

/**
 * The stage of the set-up in which the request failed; undefined if it did not fail during one. `ending`: how the
 * connection ended that was closed with the request's error.
 */
export function setupOf(
  exchange: UndiciExchange,
  error: ErrorFacts,
  isConnecting: boolean,
  isAborted: boolean,
  ending: ClosedWithError | undefined,
): Stage | undefined {
  const { connection, origin, createdMs } = exchange;
  if (isConnecting && error.isTunnelRefused) return 'proxy';
  const isOfProxy = isConnecting && ending !== undefined && ending.connection.origin !== origin;
  if (isOfProxy && (ending.stage === 'tls' || ending.stage === 'ready')) return 'proxy';
  // The connector had a connection, and failed in what it did with that.
  if (isConnecting && ending?.stage === 'ready') return 'connect';
  if (ending !== undefined) return ending.stage === 'ready' ? undefined : ending.stage;
  if (connection !== undefined) return undefined;
  if (isConnecting) return isTls(error) ? 'tls' : 'connect';
  const awaited = connectedNow(origin);
  return awaited === undefined || mayBeWritten(exchange, isAborted) ? undefined : awaitedStage(createdMs, awaited);
}

/**
 * A request that was aborted while it waited for a connection fails only when that is established. The abort came at
 * some time before, most likely in the longest stage. Undefined if most of the waiting passed before the connection was
 * begun.
 */
function awaitedStage(createdMs: number, connection: Connection): Stage | undefined {
  const { dnsMs = 0, connectMs = 0, tlsMs = 0 } = connection;
  if (connection.createdMs - createdMs > dnsMs + connectMs + tlsMs) return undefined;
  if (tlsMs > connectMs && tlsMs > dnsMs) return 'tls';
  return dnsMs > connectMs ? 'dns' : 'connect';
}

/**
 * Whether a request without a connection may have been written nevertheless: undici 6 does not report which requests it
 * writes on HTTP/2. False if no client has begun with it, or if it was aborted and that origin was only seen to speak
 * HTTP/1.1: a client that begins with an aborted request writes nothing.
 */
export function mayBeWritten({ request, bodySent, origin }: UndiciExchange, isAborted: boolean): boolean {
  return bodySent || (!isUntouched(request) && !(isAborted && protocolOf(origin) === 'h1'));
}
