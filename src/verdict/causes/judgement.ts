import type { FailureCause, FailureConfidence } from '../failure';

export interface Judgement {
  readonly cause: FailureCause;
  readonly confidence: FailureConfidence;
}
