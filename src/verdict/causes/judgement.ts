import type { FailureCause, FailureConfidence } from '../failure';

export interface Judgement {
  readonly cause: FailureCause;
  readonly confidence: FailureConfidence;
}

export function judgement(cause: FailureCause, confidence: FailureConfidence): Judgement {
  return { cause, confidence };
}
