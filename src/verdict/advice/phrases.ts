import { isLengthMismatch, type ResourceLimit, resourceLimitOf } from '../evidence/codes';
import type { ConnectTarget } from '../evidence/evidence';
import { UNSEEN_SHARE } from '../evidence/timing';
import { isOursRefused } from '../evidence/tls-codes';
import type { FailurePhase } from '../failure';
import type { AdviceFacts } from './advice-facts';

/** The idle age and both idle timeouts, as far as known. */
export function idleText({ failure: { connection }, clues }: AdviceFacts): string {
  const { idleMs, clientTimeoutMs, peerTimeoutMs, peerTimeoutSource } = connection;
  const timeouts: string[] = [];
  if (peerTimeoutMs !== undefined)
    timeouts.push(
      `peer ${durationText(peerTimeoutMs)} as ${peerTimeoutSource ?? 'learned'}${closings(clues?.closings)}`,
    );
  if (clientTimeoutMs !== undefined)
    timeouts.push(`client ${clientTimeoutMs === 0 ? 'none' : durationText(clientTimeoutMs)}`);
  const known: string[] = [];
  if (idleMs !== undefined) known.push(`idle for ${durationText(idleMs)}`);
  if (timeouts.length > 0) known.push(`idle timeout${timeouts.length > 1 ? 's' : ''}: ${timeouts.join(', ')}`);
  return known.length === 0 ? '' : ` (${known.join('; ')})`;
}

function closings(seen: { readonly count: number; readonly spreadMs: number } | undefined): string {
  if (seen === undefined) return '';
  const within = seen.spreadMs < 0.5 ? '' : ` within ${durationText(seen.spreadMs)}`;
  return ` in ${seen.count} closings${within}`;
}

/** The body does not have the length that its `Content-Length` announces. */
export function isOfLength(clues: AdviceFacts['clues']): boolean {
  return clues?.missingBytes !== undefined || isLengthMismatch(clues?.code ?? '');
}

/** What to change where `isOfLength`. */
export function lengthFix(clues: AdviceFacts['clues']): string {
  return Number(clues?.missingBytes) < 0
    ? 'Check that Content-Length is the number of bytes in the body, and what else this process writes on the connection'
    : 'Set Content-Length to the number of bytes in the body, or leave it out';
}

/** "1 request", "1000 requests". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `host:port` of the server. */
export function peerOf({ server }: AdviceFacts): string {
  return server === undefined ? 'the peer' : serverName(server.host, server.port);
}

/**
 * Who did not accept the connection: the server, or what was asked instead of it, at another port or address: a proxy,
 * or what a connector of the program chose.
 */
export function askedFor(facts: AdviceFacts): string {
  const other = otherAsked(facts);
  return other === undefined ? peerOf(facts) : `${serverName(other.host, other.port)}, asked for ${peerOf(facts)},`;
}

/** What the connection leads to: the server, or a proxy or relay, if the port shows that it is another. */
export function otherEnd(facts: AdviceFacts): string {
  const { peerAddress, peerPort } = facts.failure.connection;
  const port = facts.server?.port;
  if (peerAddress === undefined || peerPort === undefined || port === undefined || peerPort === port)
    return peerOf(facts);
  return `${serverName(peerAddress, peerPort)}, asked for ${peerOf(facts)},`;
}

export function isAnotherAsked(facts: AdviceFacts): boolean {
  return otherAsked(facts) !== undefined;
}

function otherAsked({ failure: { connection, phase }, server, clues }: AdviceFacts): ConnectTarget | undefined {
  if (phase !== 'connect' || server === undefined) return undefined;
  const { peerAddress: host, peerPort: port = server.port } = connection;
  const asked = host === undefined ? clues?.connectTarget : { host, port };
  if (asked === undefined) return undefined;
  // An address may be that of the server's name.
  const isComparable = host === undefined || (isAddress(host) && isAddress(server.host));
  const isOther = asked.port !== server.port || (isComparable && asked.host !== server.host);
  return isOther ? asked : undefined;
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host);
}

/** `host:port`; an IPv6 address in brackets. */
export function serverName(host: string, port: number | undefined): string {
  return withPort(hostName(host), port);
}

export function withPort(name: string, port: number | undefined): string {
  return port === undefined ? name : `${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** A host name from outside, without characters that a host name cannot have, and shortened if it is long. */
export function hostName(host: string): string {
  return clip(host.slice(0, 100).replace(/[^\w.:%-]/g, '?'), 80);
}

/** The error's code with its system call, the address that failed, and how many were tried. */
export function codeText({ clues, failure: { phase, connection } }: AdviceFacts): string {
  const isConnect = phase === 'connect' && connection.peerAddress !== undefined;
  const address = isConnect ? addressOf(connection) : undefined;
  const error = [clues?.code && clues.syscall, clues?.code, address].filter(Boolean).join(' ');
  const tried = clues?.addresses === undefined ? '' : `${clues.addresses} addresses tried`;
  const text = [error, tried].filter(Boolean).join('; ');
  return text === '' ? '' : ` (${text})`;
}

/** The path of a Unix socket, or an address and its port. */
function addressOf({ peerAddress = '', peerPort }: AdviceFacts['failure']['connection']): string {
  const isPath = peerPort === undefined && peerAddress.startsWith('/');
  return isPath ? clip(peerAddress.replace(/[^\w./:@%-]/g, '?'), 110) : serverName(peerAddress, peerPort);
}

/** Which limit of this machine or process applied, as the error shows. */
export function resourceLimit({ clues, failure }: AdviceFacts): ResourceLimit | undefined {
  const { code = '', syscall = '' } = clues ?? {};
  // A Unix socket has none.
  return resourceLimitOf({ code, syscall }, failure.connection.peerAddress ?? '');
}

/** The peer does not accept the certificate of this process, or that it has none: it had not begun to answer. */
export function isOwnCertificateRefused({ failure, clues }: AdviceFacts): boolean {
  return failure.phase !== 'response' && isOursRefused(clues?.code ?? '');
}

/** The words before a participle that hedge the verdict. */
export function hedge({ failure: { confidence } }: AdviceFacts): string {
  return confidence === 'possible' ? 'may have' : 'probably';
}

/**
 * That the connection was closed, and when. A proxy or a firewall on the path looks just like the peer, so it does not
 * say who.
 */
export function endedText(facts: AdviceFacts): string {
  const { connection, elapsedMs } = facts.failure;
  const { reused, ageMs = 0 } = connection;
  const which = reused === undefined ? 'The' : reused ? 'This reused' : 'This fresh';
  const made = reused === false && ageMs >= UNUSED_MS ? ` (made ${durationText(ageMs)} before)` : '';
  return `${which} connection${made} to ${otherEnd(facts)} ended ${durationText(elapsedMs)} into the request${seenLate(facts)}${midwayText(facts)}`;
}

/** A peer may close a new connection that is silent for so long. */
const UNUSED_MS = 500;

/** This process let a new connection stand before it sent the first request. */
export function isStartedLate({ failure: { connection }, clues }: AdviceFacts): boolean {
  return connection.reused === false && Math.max(connection.ageMs ?? 0, clues?.busySetUpMs ?? 0) >= UNUSED_MS;
}

/** What a busy process notices late looks like time that the peer took. `diagnose` looks for these words. */
function seenLate({ failure: { elapsedMs }, clues }: AdviceFacts): string {
  const lateMs = Math.min(clues?.lateMs ?? 0, elapsedMs);
  return lateMs >= Math.max(SHORTEST_LATE_MS, elapsedMs * UNSEEN_SHARE)
    ? ` (${SEEN_LATE} ${durationText(lateMs)} late)`
    : '';
}

export const SEEN_LATE = 'noticed by a busy process, up to';
const SHORTEST_LATE_MS = 50;

export const AFTER_ALL = 'after the whole response had arrived';

/** How far the response had got, if any of it had arrived. */
export function midwayText({ failure: { sent }, clues }: AdviceFacts): string {
  if (clues?.unread === 'whole') return `, ${AFTER_ALL}`;
  return sent === 'received' ? ', in the middle of the response' : '';
}

export function clip(text: string, length: number): string {
  // Escaped, because V8 stores a source text with any character beyond Latin-1 in two bytes a character.
  return text.length > length ? `${text.slice(0, length)}\u2026` : text;
}

/** A duration for people: "7 ms", "1.4 s", "12 min". */
export function durationText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 600_000) return `${Number((ms / 1_000).toFixed(ms < 10_000 ? 1 : 0))} s`;
  return ms < 7_200_000 ? `${Number((ms / 60_000).toFixed(1))} min` : `${Number((ms / 3_600_000).toFixed(1))} h`;
}

/** A value to set: rounded down to 50 ms, and never 0, which means no timeout. */
export function toSet(ms: number): number {
  return ms < 50 ? Math.max(1, Math.floor(ms)) : Math.floor(ms / 50) * 50;
}

/** A time to allow: rounded up to 50 ms. */
export function toAllow(ms: number): number {
  return Math.max(50, Math.ceil(ms / 50) * 50);
}

/** The server of a Unix socket does not accept connections fast enough. */
export function isQueueFull({ clues }: AdviceFacts): boolean {
  return clues?.code === 'EAGAIN' && clues.syscall === 'connect';
}

/** The connection was established when the exchange failed. */
export function isReady(phase: FailurePhase): boolean {
  return phase === 'request' || phase === 'wait' || phase === 'response';
}
