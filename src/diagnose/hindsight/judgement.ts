import type { FailureCause } from '../../verdict/failure';

/** What hindsight makes of a verdict that was only `possible`. It stands beside that verdict and never replaces it. */
export interface Judgement {
  readonly cause: FailureCause;
  /** One sentence, without its full stop. */
  readonly reason: string;
}

/** By the index of the failure. */
export type Judgements = Map<number, Judgement>;

/** With commas between thousands. */
export function number(value: number): string {
  return value.toLocaleString('en');
}

export function plural(count: number, noun: string): string {
  const form = noun.endsWith('s') ? `${noun}es` : `${noun}s`;
  return `${number(count)} ${count === 1 ? noun : form}`;
}
