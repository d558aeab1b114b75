import { isCertificate } from '../evidence/tls-codes';
import type { AdviceFacts } from './advice-facts';
import { askedFor, code, hostName, peerOf, time } from './phrases';

/** Why there was no connection to send the request on. */

export function notListening(facts: AdviceFacts): string {
  if (facts.clues?.code === 'ENOENT')
    return `The Unix socket does not exist${code(facts)}: its server is probably not running`;
  return `${askedFor(facts)} refused the connection${code(facts)}: probably nothing listens there`;
}

export function nameNotResolved(facts: AdviceFacts): string {
  const { server, clues } = facts;
  const name = server === undefined ? 'The name of the server' : `The name ${hostName(server.host)}`;
  return `${name} ${clues?.code === 'ENOTFOUND' ? 'does not exist' : 'could not be resolved'}${code(facts)}`;
}

export function tlsFailed(facts: AdviceFacts): string {
  const { failure, clues } = facts;
  if (failure.confidence !== 'certain')
    return `${peerOf(facts)} ended the connection during the TLS handshake${code(facts)}`;
  if (isCertificate(clues?.code ?? ''))
    return `This process does not accept the certificate of ${peerOf(facts)}${code(facts)}`;
  return `The TLS ${failure.phase === 'tls' ? 'handshake with' : 'session with'} ${peerOf(facts)} ${failure.phase === 'tls' ? 'failed' : 'broke'}${code(facts)}`;
}

export function connectTimeout(facts: AdviceFacts): string {
  const { failure, clues } = facts;
  if (clues?.attemptTimer && clues.code === 'ETIMEDOUT')
    return `No connection to ${peerOf(facts)} within ${time(failure.elapsedMs)}${code(facts)}: Node gives each of several addresses only a short time`;
  if (failure.initiator === 'local')
    return `This process gave up connecting to ${peerOf(facts)} after ${time(failure.elapsedMs)}${code(facts)}`;
  return `${askedFor(facts)} did not answer the connection attempt within ${time(failure.elapsedMs)}${code(facts)}`;
}
