import type { Closing } from '../../connection/closing';
import { isMadeByUndici, isOfSetup, isParserError } from './codes';
import { type ErrorFacts, errorFactsOf, isDomException, property } from './error-facts';
import type { Evidence } from './evidence';
import { stageOf } from './sent';
import { isTls } from './tls-codes';

const BY_PROGRAM: ReadonlySet<Closing['how'] | undefined> = new Set(['request', 'program', 'timer']);

/** The messages of the errors that Node makes when a connection ends without one. */
const HANG_UP = /^(socket hang up|aborted|Client network socket disconnected .*)$/;

/** Who may have made an error, as far as its observer knows. */
interface Maker {
  readonly isUndicis: boolean;
  /** Node made it for a call that failed on the socket of this request. */
  readonly isOfOwnCall: boolean;
}

/**
 * Node or undici made this error for this request. Any other, such as the reason of a signal and what the program passes
 * to `destroy`, may have ended others, too, that nobody observes: what it says of this one must not be said of those.
 * A code alone proves nothing.
 */
export function isOwnError(e: Evidence, error: unknown, by: Maker): boolean {
  const { closing, programsError, handleless } = e;
  if (programsError || handleless || closing?.withError || isDomException(error)) return false;
  const facts = errorFactsOf(error);
  if (isHangUp(error, facts))
    return by.isUndicis ? stageOf(e) === 'tls' : closing !== undefined && closing.how !== 'unseen';
  const isOfClient = by.isUndicis ? isMadeByUndici(facts) : closing?.byParser && isParserError(facts);
  if (by.isOfOwnCall || isOfClient) return true;
  if (BY_PROGRAM.has(closing?.how)) return false;
  const stage = stageOf(e);
  return isOfSetup(facts) ? stage !== 'ready' : stage === 'tls' && isTls(facts) && e.exchange.connection !== undefined;
}

/** It is one of those errors of Node's, by its words. */
export function isHangUp(error: unknown, { code, syscall }: ErrorFacts = errorFactsOf(error)): boolean {
  return code === 'ECONNRESET' && syscall === '' && HANG_UP.test(String(property(error, 'message')));
}
