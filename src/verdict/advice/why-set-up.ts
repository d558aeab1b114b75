import { isCertificate } from '../evidence/tls-codes';
import type { AdviceFacts } from './advice-facts';
import { askedFor, codeText, durationText, hostName, isOwnCertificateRefused, isReady, peerOf } from './phrases';

/** Why there was no connection to send the request on. */

export function notListening(facts: AdviceFacts): string {
  const isPossible = facts.failure.confidence === 'possible';
  if (facts.clues?.code === 'ENOENT')
    return `The Unix socket does not exist${codeText(facts)}: its server ${isPossible ? 'may have stopped listening' : 'is probably not running'}`;
  if (facts.clues?.elsewhere)
    return `${askedFor(facts)} refused the connection${codeText(facts)}, and another address of it could not be reached: the server may be there`;
  if (isPossible)
    return `${facts.clues?.unix ? 'The Unix socket' : askedFor(facts)} refused the connection${codeText(facts)}: its server may have stopped listening, or a limit on connections refuses this one`;
  if (facts.clues?.unix)
    return `Nothing listens on the Unix socket${codeText(facts)}: its server is probably not running`;
  return `${askedFor(facts)} refused the connection${codeText(facts)}: probably nothing listens there`;
}

export function unreachable(facts: AdviceFacts): string {
  const { confidence, phase } = facts.failure;
  const reasons =
    confidence !== 'possible'
      ? 'there is no route, its machine is down, or a firewall refuses'
      : phase === 'connect'
        ? 'a firewall or a router on the way refuses, or this process is not permitted to connect there'
        : 'a firewall, a router on the way or its machine refuses what is sent';
  return `${askedFor(facts)} cannot be reached${codeText(facts)}: ${reasons}`;
}

export function nameNotResolved(facts: AdviceFacts): string {
  const { clues } = facts;
  return `${nameOf(facts)} ${clues?.code === 'ENOTFOUND' ? 'was not found' : 'could not be resolved'}${codeText(facts)}`;
}

/** The name may be a proxy's, or one that the program's connector chose. */
function nameOf(facts: AdviceFacts): string {
  const { server, clues } = facts;
  const host = server?.host;
  const name = clues?.name ?? host;
  if (name === undefined) return 'The name of the server';
  return name === host ? `The name ${hostName(name)}` : `The name ${hostName(name)}, asked for ${peerOf(facts)},`;
}

export function tlsFailed(facts: AdviceFacts): string {
  const { failure, clues } = facts;
  const peer = tlsPeer(facts);
  if (failure.confidence !== 'certain')
    return `${asBeginning(peer)} ended the connection during the TLS handshake${codeText(facts)}, and nothing shows why`;
  if (isCertificate(clues?.code ?? ''))
    return `This process does not accept the certificate of ${peer}${codeText(facts)}`;
  if (isOwnCertificateRefused(facts))
    return `${asBeginning(peer)} did not accept the certificate of this process, or that it has none${codeText(facts)}`;
  return isReady(failure.phase)
    ? `The TLS session with ${peer} broke${codeText(facts)}`
    : `The TLS handshake with ${peer} failed${codeText(facts)}`;
}

/** An origin of `http:` has no TLS: it is a proxy that does, or whatever else an agent of the program connects to. */
function tlsPeer(facts: AdviceFacts): string {
  if (facts.failure.phase === 'proxy') return `the proxy for ${peerOf(facts)}`;
  return facts.scheme === 'http' ? `a TLS peer on the way to ${peerOf(facts)}` : peerOf(facts);
}

/** A host name is not capitalised. */
function asBeginning(peer: string): string {
  return peer.replace(/^(a|the) /, (word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
}

export function connectTimeout(facts: AdviceFacts): string {
  const { failure, clues } = facts;
  if (clues?.attemptTimer && clues.code === 'ETIMEDOUT') {
    const other = clues.attemptTimer === 'refused' ? ', and another of them refused' : '';
    return `No connection to ${askedFor(facts)} within ${durationText(failure.elapsedMs)}${codeText(facts)}: Node gives each of several addresses only a short time${other}`;
  }
  if (failure.initiator === 'local')
    return `This process gave up connecting to ${askedFor(facts)} after ${durationText(failure.elapsedMs)}${codeText(facts)}`;
  return `${askedFor(facts)} did not answer the connection attempt within ${durationText(failure.elapsedMs)}${codeText(facts)}`;
}
