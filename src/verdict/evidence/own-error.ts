import type { Closing } from '../../connection/closing';
import { isCallOnSocket, isOfSetup, isParserError } from './codes';
import { type ErrorFacts, errorFactsOf, isDomException, property } from './error-facts';
import type { Evidence } from './evidence';
import { isEndedByOthers } from './given-up';
import { stageOf } from './sent';
import { isTls } from './tls-codes';

const BY_PROGRAM: ReadonlySet<Closing['how']> = new Set(['request', 'program', 'timer']);

/** The messages of the errors that Node makes when a connection ends without one. */
const HANG_UP = /^(socket hang up|aborted|Client network socket disconnected .*)$/;

/**
 * Node or undici made this error for this request. Any other, such as the reason of a signal and what the program passes
 * to `destroy`, may have ended others, too, that nobody observes: what it says of this one must not be said of those.
 * `isUndicis`: the client is undici.
 */
export function isOwnError(e: Evidence, error: unknown, isUndicis: boolean): boolean {
  if (e.handedIn || e.handleless || isDomException(error)) return false;
  const facts = errorFactsOf(error);
  if (isMadeForOne(error, isUndicis) || isTls(facts) || isParserError(facts)) return true;
  const how = e.closing?.how;
  if (how !== undefined && BY_PROGRAM.has(how)) return false;
  if (isCallOnSocket(facts.syscall)) return isEndedByOthers(e);
  return isOfSetup(facts) && stageOf(e) !== 'ready';
}

/** The same, by the error alone. */
export function isMadeForOne(error: unknown, isUndicis: boolean): boolean {
  const facts = errorFactsOf(error);
  return isHangUp(error, facts) || (isUndicis && facts.code.startsWith('UND_ERR_'));
}

function isHangUp(error: unknown, { code, syscall }: ErrorFacts): boolean {
  return code === 'ECONNRESET' && syscall === '' && HANG_UP.test(String(property(error, 'message')));
}
