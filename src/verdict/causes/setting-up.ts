import { isNoStatusLine, unreachableConfidence } from '../evidence/codes';
import type { Evidence } from '../evidence/evidence';
import { stageOf } from '../evidence/sent';
import { answeredRecently } from '../evidence/timing';
import type { WireFacts } from '../evidence/wire-facts';
import { is, type Judgement } from './judgement';

/** The connection did not come about: dns, connect, proxy and tls by phase; TLS codes in any phase. */
export function settingUp(e: Evidence, t: WireFacts): Judgement | undefined {
  // A look-up, unlike a connector of the program's own, fails on a socket that waits for it.
  const isAsked = e.error.syscall !== '' || e.stage === 'dns';
  if (t.kind === 'dns') return is('name_not_resolved', isAsked ? 'certain' : 'possible');
  if (t.kind === 'tls') return is('tls_failed', 'certain');
  if (t.kind === 'refused') return is('not_listening', mayBeUp(e) ? 'possible' : 'likely');
  if (t.kind === 'unreachable') return is('unreachable', unreachableConfidence(e.error) ?? 'possible');
  if (t.kind === 'other' || t.kind === 'protocol') return undefined;
  // The end of a handshake says nothing about TLS: a relay without a server ends it in the same way. Where TLS has
  // worked, this connection was dropped like any other.
  const hasWorked = e.exchange.origin?.lastOkMs !== undefined;
  if (t.phase === 'tls') return is(hasWorked ? 'rejected' : 'tls_failed', 'possible');
  if (t.phase === 'connect' && t.kind === 'timed_out') return is('connect_timeout', 'certain');
  if (t.phase === 'connect') return is('rejected', 'possible');
  return stageOf(e) === 'ready' ? undefined : is('unknown', 'possible');
}

/**
 * Bytes that are not HTTP. On a connection that has answered before, they are the rest of another response, or
 * exceed a limit of this parser; a parser that got past the first line has met HTTP; and a peer that has just answered on
 * another connection speaks it.
 */
export function notHttp(e: Evidence, t: WireFacts): Judgement | undefined {
  if (t.kind !== 'protocol') return undefined;
  const { error, exchange, statusCode, interim } = e;
  if (exchange.reused !== false || statusCode !== undefined || interim || answeredRecently(e))
    return is('unknown', 'possible');
  if (error.code !== '' && !isNoStatusLine(error.code)) return is('unknown', 'possible');
  return is('protocol_mismatch', 'possible');
}

/**
 * A limit may refuse more connections than those that are open, or too many in a short time; the server may be behind
 * another address, and one of several machines behind this one may be down.
 */
function mayBeUp(e: Evidence): boolean {
  const isThere = e.error.code !== 'ENOENT';
  return isThere && (e.othersOpen === true || e.error.anyOther || answeredRecently(e));
}
