import type { Span } from '@opentelemetry/api';
import type { ReportedFailure } from '../verdict/failure';

type FailureHook = (span: Span, failure: ReportedFailure) => unknown;

/**
 * Runs the program's hook. Nothing that it throws, or rejects with later, reaches the program: it is reported to
 * `fault`. Whatever its type says, the hook may return a promise, even one from another realm or library.
 */
export function runHook(
  hook: FailureHook | undefined,
  span: Span,
  failure: ReportedFailure,
  fault: (error: unknown) => void,
): void {
  if (hook === undefined) return;
  try {
    const result = hook(span, failure);
    if (typeof result !== 'object' || result === null) return;
    const { then } = result as { readonly then?: unknown };
    if (typeof then === 'function') then.call(result, ignore, fault);
  } catch (error) {
    fault(error);
  }
}

function ignore(): void {}
