import type { Lifetimes } from '../collect/lifetimes';
import { type FailureEnd, isWithinRoundTrip } from './ending';

/** Ends of one place that follow each other this fast belong together. */
const GAP_MS = 250;
/** Refusals that are farther apart may be of two outages. */
const PAUSE_MS = 300_000;
/** Longer series are not a single moment. */
const LONGEST_MS = 5_000;

/** Failures of one place in one moment, or one after the other without a pause. */
export interface Burst {
  readonly endings: readonly FailureEnd[];
  readonly fromMs: number;
  readonly toMs: number;
  /** How many connections it hit, counting each request without one as another. */
  readonly connections: number;
  /** How many of them were established. */
  readonly established: number;
  /** It went on for too long to be one event. */
  readonly isContinuing: boolean;
}

/** Groups the endings of one place, which are in the order of time. */
export function burstsOf(endings: readonly FailureEnd[]): Burst[] {
  const groups = groupsOf(endings, (last, next) => next.atMs - last.atMs <= GAP_MS);
  return groups.map((group) => {
    const burst = burstOf(group);
    return { ...burst, isContinuing: burst.toMs - burst.fromMs > LONGEST_MS };
  });
}

/** Groups the refused connects of one place between which no connection to it is known, nor a long time passed. */
export function outagesOf(refused: readonly FailureEnd[], lifetimes: Lifetimes | undefined): Burst[] {
  const belongs = (last: FailureEnd, next: FailureEnd) =>
    next.atMs - last.atMs <= PAUSE_MS && lifetimes?.touches(last.atMs, next.atMs) !== true;
  return groupsOf(refused, belongs).map(burstOf);
}

function groupsOf(
  endings: readonly FailureEnd[],
  belongs: (last: FailureEnd, next: FailureEnd) => boolean,
): FailureEnd[][] {
  const groups: FailureEnd[][] = [];
  for (const ending of endings) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (last !== undefined && belongs(last, ending)) group?.push(ending);
    else groups.push([ending]);
  }
  return groups;
}

function burstOf(endings: readonly FailureEnd[]): Burst {
  const [fromMs, toMs] = [endings[0]?.atMs ?? 0, endings.at(-1)?.atMs ?? 0];
  const established = connectionsOf(endings.filter(({ isEstablished }) => isEstablished));
  return { endings, fromMs, toMs, connections: connectionsOf(endings), established, isContinuing: false };
}

/** How many connections ended, counting each request without one as another. */
export function connectionsOf(endings: readonly FailureEnd[]): number {
  return new Set(endings.map(({ connection }) => connection)).size;
}

/** Nobody limits requests to less: of shorter ones, ages that differ by more than what clocks and loops add are apart. */
const SHORTEST_LIMIT_MS = 100;
const [CLOSE_MS, CLOSE_TO_LIMIT_MS] = [5, 20];
/** A busy client notices late, and each at another age, what a limiter did at once. */
const MAYBE_AT_ONCE = new Set(['rejected', 'unknown']);

/**
 * How many of these requests were cut at ages that differ: those of one age may have met a limit, and so may answers that
 * fell silent together, whatever their ages. `connectMs`: how long a connect takes at most, which is at least a round trip;
 * undefined if unknown.
 */
export function agesApart(endings: readonly FailureEnd[], connectMs = Number.POSITIVE_INFINITY): number {
  const met = endings.filter(
    ({ isAnswered, cause, elapsedMs = 0 }) =>
      !isAnswered && (!MAYBE_AT_ONCE.has(cause) || !isWithinRoundTrip(elapsedMs, connectMs)),
  );
  const ages = met.flatMap(({ elapsedMs }) => elapsedMs ?? []).sort((a, b) => a - b);
  let apart = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const age of ages) {
    const near = age < SHORTEST_LIMIT_MS ? CLOSE_MS : Math.max(CLOSE_TO_LIMIT_MS, age * 0.05);
    if (age - last <= near) continue;
    apart += 1;
    last = age;
  }
  return apart;
}

/** How likely so many events or more are by chance, where this many are expected (Poisson). */
export function chanceOf(events: number, expected: number): number {
  let term = Math.exp(-expected);
  let below = 0;
  for (let n = 0; n < events; n += 1) {
    below += term;
    term *= expected / (n + 1);
  }
  return Math.max(0, 1 - below);
}
