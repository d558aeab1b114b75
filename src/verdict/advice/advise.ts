import type { ReportedFailure } from '../failure';
import { type Advice, explanationOf } from './advice';
import type { AdviceFacts } from './advice-facts';
import { fixOf } from './fix';
import { retryOf } from './retry';
import { whyOf } from './why';

/**
 * The advice on a failure. Pure: the same facts give the same advice, in the process that failed and to a reader of
 * spans.
 */
export function adviceFrom(facts: AdviceFacts): Advice {
  return { why: whyOf(facts), fix: fixOf(facts), retry: retryOf(facts) };
}

/** Not enumerable, so that it is not a field of a failure; registered, so that copies of this module share it. */
const ADVICE = Symbol.for('opentelemetry-instrumentation-socket/advice');

/** The failure with its explanation. The three parts stay attached to it, for `adviceOn`. */
export function explained(facts: AdviceFacts): ReportedFailure {
  const advice = adviceFrom(facts);
  const failure = { ...facts.failure, explanation: explanationOf(advice) };
  Object.defineProperty(failure, ADVICE, { value: advice });
  return failure;
}

/** The three parts of this failure's explanation; undefined for any object but the reported failure. */
export function attachedAdvice(failure: object): Advice | undefined {
  return (failure as { readonly [ADVICE]?: Advice })[ADVICE];
}
