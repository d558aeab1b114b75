import type { SocketFailure } from './failure';

/**
 * What the verdicts on several requests that failed with one error object have in common. `retrySafe` is true only if
 * it is true for all.
 */
export function commonVerdict(a: SocketFailure, b: SocketFailure): SocketFailure {
  const common: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(a)) {
    if (key !== 'connection' && b[key as keyof SocketFailure] === value) common[key] = value;
  }
  common.retrySafe = a.retrySafe === true && b.retrySafe === true;
  return common;
}

/** The same verdict, for a request that is not safe to repeat for a reason that it does not know. */
export function notSafe({ explanation: _, ...rest }: SocketFailure): SocketFailure {
  return { ...rest, retrySafe: false };
}
