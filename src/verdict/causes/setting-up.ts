import { isNoStatusLine, unreachableConfidence } from '../evidence/codes';
import type { Evidence } from '../evidence/evidence';
import { stageOf } from '../evidence/sent';
import { answeredRecently } from '../evidence/timing';
import type { WireFacts } from '../evidence/wire-facts';
import { type Judgement, judgement } from './judgement';

/** The connection did not come about: dns, connect, proxy and tls by phase; TLS codes in any phase. */
export function settingUp(e: Evidence, wire: WireFacts): Judgement | undefined {
  // A look-up, unlike a connector of the program's own, fails on a socket that waits for it.
  const isAsked = e.error.syscall !== '' || e.stage === 'dns';
  if (wire.kind === 'dns') return judgement('name_not_resolved', isAsked ? 'certain' : 'possible');
  if (wire.kind === 'tls') return judgement('tls_failed', 'certain');
  if (wire.kind === 'refused') return judgement('not_listening', mayBeUp(e) ? 'possible' : 'likely');
  if (wire.kind === 'unreachable') return judgement('unreachable', unreachableConfidence(e.error) ?? 'possible');
  if (wire.kind === 'other' || wire.kind === 'protocol') return undefined;
  // The end of a handshake says nothing about TLS: a relay without a server ends it in the same way. Where TLS has
  // worked, this connection was dropped like any other.
  const hasWorked = e.exchange.origin?.lastOkMs !== undefined;
  if (wire.phase === 'tls') return judgement(hasWorked ? 'rejected' : 'tls_failed', 'possible');
  if (wire.phase === 'connect' && wire.kind === 'timed_out') return judgement('connect_timeout', 'certain');
  if (wire.phase === 'connect') return judgement('rejected', 'possible');
  return stageOf(e) === 'ready' ? undefined : judgement('unknown', 'possible');
}

/**
 * Bytes that are not HTTP. On a connection that has answered before, they are the rest of another response, or
 * exceed a limit of this parser; a parser that got past the first line has met HTTP; and a peer that has just answered on
 * another connection speaks it.
 */
export function notHttp(e: Evidence, wire: WireFacts): Judgement | undefined {
  if (wire.kind !== 'protocol') return undefined;
  const { error, exchange, statusCode, interim } = e;
  if (exchange.reused !== false || statusCode !== undefined || interim || answeredRecently(e))
    return judgement('unknown', 'possible');
  if (error.code !== '' && !isNoStatusLine(error.code)) return judgement('unknown', 'possible');
  return judgement('protocol_mismatch', 'possible');
}

/**
 * A limit may refuse more connections than those that are open, or too many in a short time; the server may be behind
 * another address, and one of several machines behind this one may be down.
 */
function mayBeUp(e: Evidence): boolean {
  const isThere = e.error.code !== 'ENOENT';
  return isThere && (e.othersOpen === true || e.error.anyOther || answeredRecently(e));
}
