import type { Closing } from '../../connection/closing';
import { isMadeByUndici, isOfSetup, isParserError } from './codes';
import { type ErrorFacts, errorFactsOf, isDomException, property } from './error-facts';
import type { Evidence } from './evidence';
import { stageOf } from './sent';
import { isTls } from './tls-codes';

const BY_PROGRAM: ReadonlySet<Closing['how'] | undefined> = new Set(['request', 'program', 'timer']);

/** The messages of Node's errors for connections that end without one. */
const HANG_UP = /^(socket hang up|aborted|Client network socket disconnected .*)$/;

/** Who may have created an error, if its observer knows. */
interface Maker {
  readonly isUndicis: boolean;
  /** Node created it for a failed call on this request's socket. */
  readonly isOfOwnCall: boolean;
}

/**
 * Node or undici made this error for this request. Any other, such as the reason of a signal and what the program
 * passes to `destroy`, may also have ended unobserved others, so what it shows about this one may not hold for them. A
 * code alone proves nothing.
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

/** It is one of those Node errors, by its message. */
export function isHangUp(error: unknown, { code, syscall }: ErrorFacts = errorFactsOf(error)): boolean {
  return code === 'ECONNRESET' && syscall === '' && HANG_UP.test(String(property(error, 'message')));
}
