import type { Advice } from './advice';
import type { AdviceFacts } from './advice-facts';
import { fixOf } from './fix';
import { retryOf } from './retry';
import { whyOf } from './why';

/** The advice on a failure. Pure: the same facts make the same advice, in the process that failed and for a reader of spans. */
export function adviceOf(facts: AdviceFacts): Advice {
  return { why: whyOf(facts), fix: fixOf(facts), retry: retryOf(facts) };
}

const advices = new WeakMap<object, Advice>();

/** Keeps the three values for whoever has the failure itself: its explanation is their text. */
export function keepAdvice(failure: object, advice: Advice): void {
  advices.set(failure, advice);
}

/** The three values of this failure's explanation; undefined for an object that `classify` did not make. */
export function adviceOn(failure: object): Advice | undefined {
  return advices.get(failure);
}
