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
   * It ended before anything could show why: the first that a crash ends within a second, until two others of other ages
   * have ended, and the first that a time limit cuts after this time.
   */
  readonly lone: boolean;
  readonly cause: string;
  /** The cause that `diagnose` finds with all spans of the run at hand. */
  readonly hindsight: string;
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

interface Failed {
  readonly truth: Truth;
  readonly atMs: number;
  /** Acquire → end. */
  readonly elapsedMs: number;
}

/** Which of these failures, in the order of their verdicts, are `lone`. */
export function loneAmong(failures: readonly Failed[]): boolean[] {
  return failures.map((one, i) => {
    const earlier = failures.slice(0, i).filter(({ truth }) => truth === one.truth);
    if (one.truth === 'peer_restart') return witnesses(one, earlier) < 2;
    return one.truth === 'response_timeout' && !earlier.some((other) => isRepeated(one, other));
  });
}

/** How many others had ended in that moment, each of an age of its own: those of one age may have met a time limit. */
function witnesses(one: Failed, earlier: readonly Failed[]): number {
  const known = [one];
  for (const other of earlier) {
    const isApart = ({ elapsedMs }: Failed) =>
      Math.abs(elapsedMs - other.elapsedMs) > Math.max(50, other.elapsedMs * 0.05);
    if (one.atMs - other.atMs <= MOMENT_MS && known.every(isApart)) known.push(other);
  }
  return known.length - 1;
}

/** One was cut after the same time in an earlier moment. */
function isRepeated(one: Failed, other: Failed): boolean {
  return one.atMs - other.atMs > MOMENT_MS && Math.abs(one.elapsedMs - other.elapsedMs) <= one.elapsedMs * 0.02;
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
