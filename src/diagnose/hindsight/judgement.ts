import type { FailureCause } from '../../verdict/failure';
import type { FailedSpan } from '../collect/failure-row';

/**
 * Hindsight's judgement of a merely `possible` verdict. Where verdicts are shown it stands beside that one; the
 * changes, and what is avoidable, follow it.
 */
export interface Judgement {
  readonly cause: FailureCause;
  /** One sentence, without its full stop. */
  readonly reason: string;
  /** The peer's idle timeout on which it rests, ms. */
  readonly peerTimeoutMs?: number;
}

/** By the index of the failure. */
export type Judgements = Map<number, Judgement>;

/** The span with this judgement in place of its verdict, and without the advice of its explanation, which is on that. */
export function inHindsight(span: FailedSpan, judgement: Judgement | undefined): FailedSpan {
  if (judgement === undefined) return span;
  const { cause, peerTimeoutMs } = judgement;
  const { fix: _, ...failure } = span.failure;
  const { peerTimeoutSource: __, ...own } = span.connection;
  const connection = peerTimeoutMs === undefined ? span.connection : { ...own, peerTimeoutMs };
  return { ...span, failure: { ...failure, cause }, connection };
}
