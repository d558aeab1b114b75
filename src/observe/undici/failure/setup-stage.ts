import type { Connection } from '../../../connection/connection';
import type { ErrorFacts } from '../../../verdict/evidence/error-facts';
import type { Evidence } from '../../../verdict/evidence/evidence';
import { isTls } from '../../../verdict/evidence/tls-codes';
import { connectedNow } from '../connections';
import type { UndiciExchange } from '../exchange';

type Stage = Evidence['stage'];

/**
 * The stage of the set-up in which the request failed; undefined if it did not fail during one. `stage`: how far the
 * connection that was closed with the request's error had got, according to its socket.
 */
export function setupOf(
  { connection, origin, createdMs, bodySent }: UndiciExchange,
  { code }: ErrorFacts,
  isConnecting: boolean,
  stage: Stage | undefined,
): Stage | undefined {
  if (isConnecting && code === 'ERR_PROXY_TUNNEL') return 'proxy';
  if (stage !== undefined) return stage === 'ready' ? undefined : stage;
  if (connection !== undefined) return undefined;
  if (isConnecting) return isTls(code) ? 'tls' : 'connect';
  const awaited = connectedNow(origin);
  return awaited === undefined || bodySent ? undefined : awaitedStage(createdMs, awaited);
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
