import type { FailureCause } from '../../verdict/failure';
import type { FailedSpan } from '../collect/failure-row';

/** What hindsight makes of a verdict that was only `possible`. It stands beside that verdict and never replaces it. */
export interface Judgement {
  readonly cause: FailureCause;
  /** One sentence, without its full stop. */
  readonly reason: string;
  /** The peer's idle timeout on which it rests, ms. */
  readonly peerTimeoutMs?: number;
}

/** By the index of the failure. */
export type Judgements = Map<number, Judgement>;

/** The span with this judgement instead of its own. What its explanation advises belongs to its own. */
export function inHindsight(span: FailedSpan, judgement: Judgement | undefined): FailedSpan {
  if (judgement === undefined) return span;
  const { cause, peerTimeoutMs } = judgement;
  const { fix: _, ...failure } = span.failure;
  const connection = peerTimeoutMs === undefined ? span.connection : { ...span.connection, peerTimeoutMs };
  return { ...span, failure: { ...failure, cause }, connection };
}
