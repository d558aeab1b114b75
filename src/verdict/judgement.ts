import type {
  FailureCause,
  FailureConfidence,
  FailureInitiator,
  FailureKind,
  FailurePhase,
  FailureSent,
  SocketFailure,
} from './failure';

/** Facts of a verdict that are the same whatever the cause. */
export interface Transport {
  readonly kind: FailureKind;
  readonly phase: FailurePhase;
  readonly initiator: FailureInitiator;
  readonly sent: FailureSent;
}

export interface Judgement {
  readonly cause: FailureCause;
  readonly confidence: FailureConfidence;
}

/**
 * What several requests that failed with one error object agree on. `retrySafe` is true only if it is true for all.
 */
export function agreement(a: SocketFailure, b: SocketFailure): SocketFailure {
  const common: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(a)) {
    if (key !== 'connection' && b[key as keyof SocketFailure] === value) common[key] = value;
  }
  common.retrySafe = a.retrySafe === true && b.retrySafe === true;
  return common;
}
