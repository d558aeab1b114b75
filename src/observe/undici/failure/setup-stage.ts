import type { Connection } from '../../../connection/connection';
import type { ErrorFacts } from '../../../verdict/evidence/error-facts';
import type { Evidence } from '../../../verdict/evidence/evidence';
import { isTls } from '../../../verdict/evidence/tls-codes';
import { connectedNow } from '../connections';
import type { UndiciExchange } from '../exchange';

type Stage = Evidence['stage'];

/**
 * At which stage of a set-up the request failed; undefined if it did not fail in one. `stage`: how far the connection had
 * come that ended with the error of the request, as its socket said.
 */
export function setupOf(
  { connection, origin, createdMs, bodySent }: UndiciExchange,
  { code }: ErrorFacts,
  isConnecting: boolean,
  stage: Stage | undefined,
): Stage | undefined {
  if (code === 'ERR_PROXY_TUNNEL') return 'proxy';
  if (stage !== undefined) return stage === 'ready' ? undefined : stage;
  if (connection !== undefined) return undefined;
  if (isConnecting) return isTls(code) ? 'tls' : 'connect';
  const awaited = connectedNow(origin);
  return awaited === undefined || bodySent ? undefined : awaitedStage(createdMs, awaited);
}

/**
 * A request that was aborted while it waited for a connection fails when that is there. It was aborted at some time before:
 * in the stage that took longest, most likely. Undefined if most of its time passed before the connection was begun.
 */
function awaitedStage(createdMs: number, connection: Connection): Stage | undefined {
  const { dnsMs = 0, connectMs = 0, tlsMs = 0 } = connection;
  if (connection.createdMs - createdMs > dnsMs + connectMs + tlsMs) return undefined;
  if (tlsMs > connectMs && tlsMs > dnsMs) return 'tls';
  return dnsMs > connectMs ? 'dns' : 'connect';
}
