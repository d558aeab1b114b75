import type { Features } from '../../../src/verdict/causes/features';
import type { Truth } from '../truth';

/** One labelled failure, as the package saw it. */
export interface Row {
  readonly family: string;
  readonly seed: number;
  /** Idle closings of the origin a second that have nothing to do with the failure. */
  readonly churn: number;
  readonly truth: Truth;
  /**
   * It ended before anything could show why: the first two that a crash ends within a second, and what a time limit cuts
   * for the first time.
   */
  readonly lone: boolean;
  readonly cause: string;
  readonly confidence: string;
  readonly kind: string;
  readonly phase: string;
  readonly sent: string | undefined;
  readonly method: string;
  readonly retrySafe: boolean;
  readonly reused: boolean;
  /** The application behind the peer got to see the request. */
  readonly processed: boolean;
  /** The peer's idle timeout was known. */
  readonly known: boolean;
  /** Only where the causes compete: reused, no byte back, the peer's doing. */
  readonly features: Features | undefined;
}

const MOMENT_MS = 1_000;

/** Which of these failures, in the order of their verdicts, are `lone`. */
export function loneAmong(failures: readonly { readonly truth: Truth; readonly atMs: number }[]): boolean[] {
  return failures.map(({ truth, atMs }, i) => {
    const earlier = failures.slice(0, i).filter((one) => one.truth === truth);
    if (truth === 'peer_restart') return earlier.filter((one) => atMs - one.atMs <= MOMENT_MS).length < 2;
    return truth === 'response_timeout' && earlier.every((one) => atMs - one.atMs <= MOMENT_MS);
  });
}

/** `unknown` is neither right nor wrong where something else is true. */
export function isUnknown({ truth, cause }: Row): boolean {
  return cause === 'unknown' && truth !== 'unknown';
}

/** `peer_aborted` says nothing of why: as `possible`, it is right of a lone end. */
export function isRight({ truth, cause, confidence, lone }: Row): boolean {
  return cause === truth || (lone && cause === 'peer_aborted' && confidence === 'possible');
}

export function isWrong(row: Row): boolean {
  return !isRight(row) && !isUnknown(row);
}

/** The even seeds are kept for the proof; the weights are fitted on the others. */
export function isHeldOut({ seed }: Pick<Row, 'seed'>): boolean {
  return seed % 2 === 0;
}
