import type { Connection } from '../../connection/connection';
import type { ErrorFacts } from '../../verdict/evidence/error-facts';
import { connectedNow } from './connections';
import type { UndiciExchange } from './exchange';

const TLS = /SSL|TLS|CERT|EPROTO/;

export type Setup = 'dns' | 'connect' | 'proxy' | 'tls';

/** At which stage of a set-up the request failed; undefined if it did not fail in one. */
export function setupOf(exchange: UndiciExchange, shape: ErrorFacts, isConnecting: boolean): Setup | undefined {
  if (shape.code === 'ERR_PROXY_TUNNEL') return 'proxy';
  const { connection, origin } = exchange;
  if (connection !== undefined) return connection.stage === 'ready' ? undefined : connection.stage;
  if (isConnecting) return TLS.test(shape.code) ? 'tls' : 'connect';
  const awaited = connectedNow(origin);
  return awaited === undefined ? undefined : awaitedStage(exchange, awaited);
}

/**
 * A request that was aborted while it waited for a connection fails when that is there. It was aborted at some time before:
 * in the stage that took longest, most likely. Undefined if most of its time passed before the connection was begun.
 */
function awaitedStage({ createdMs }: UndiciExchange, connection: Connection): Setup | undefined {
  const { dnsMs = 0, connectMs = 0, tlsMs = 0 } = connection;
  if (connection.createdMs - createdMs > dnsMs + connectMs + tlsMs) return undefined;
  if (tlsMs > connectMs && tlsMs > dnsMs) return 'tls';
  return dnsMs > connectMs ? 'dns' : 'connect';
}
