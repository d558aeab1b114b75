import type { IdleClosing } from './idle-closing';

/** An idle timeout as the peer's closings show it. */
export interface ObservedTimeout {
  /** The shortest idle age of the closings that agree: some peers check their connections only from time to time. */
  readonly ms: number;
  /** The number of closings at different times that agree, and how far apart their idle ages are. */
  readonly closures: number;
  readonly spreadMs: number;
}

/** This many closings show an idle timeout even if others disagree or their idle ages vary. */
const MAJORITY = 4;

/**
 * How far idle ages may be from the idle timeout: timers and event loops are late, and some peers vary it by a tenth.
 */
export function tolerance(idleMs: number): number {
  return Math.max(idleMs * 0.1, Math.min(200, idleMs * 0.25));
}

/** Two closings are unlikely to agree by chance only if their idle ages are well above this. */
function sharpness(idleMs: number): number {
  return Math.max(idleMs * 0.02, Math.min(50, idleMs * 0.1));
}

/** This process was not too busy to see the closing in time. */
export function isExact({ idleMs, lateMs }: IdleClosing): boolean {
  return lateMs <= tolerance(idleMs);
}

/**
 * When closings agree: which of them count, how far apart they may be, how many are needed, whether others may
 * disagree.
 */
interface Rule {
  readonly counts: (closing: IdleClosing) => boolean;
  readonly apartMs: (idleMs: number) => number;
  readonly needed: number;
  readonly overrules?: boolean;
  /** Requires varying idle ages: if all but one agreed closely, that one would be an outlier. */
  readonly varies?: boolean;
}

const RULES: readonly Rule[] = [
  { counts: isExact, apartMs: sharpness, needed: 2 },
  { counts: isExact, apartMs: tolerance, needed: 3 },
  { counts: isExact, apartMs: tolerance, needed: MAJORITY, overrules: true },
  // The peer varies its idle timeout.
  { counts: isExact, apartMs: (idleMs) => 2 * tolerance(idleMs), needed: MAJORITY, varies: true },
  // This process is always busy, so that it sees closings late by varying times.
  { counts: ({ idleMs, lateMs }) => lateMs <= idleMs / 2, apartMs: sharpness, needed: MAJORITY },
];

/** Some peers vary the age at which they close connections by a tenth (gRPC, Envoy). */
const JITTER = 0.125;

/**
 * All connections, or all but one, were closed at one age, and their idle ages are too different for one idle timeout:
 * the peer limits the age. A connection that is used once has almost the same for both, which shows nothing.
 */
export function isAgeLimit(events: readonly IdleClosing[]): boolean {
  return isAgeWithin(events, sharpness, 3) || isAgeWithin(events, (ageMs) => ageMs * JITTER, 1.5);
}

/** Their ages are within `apartMs` of the middle one, and their idle ages spread `times` as far as their ages, or more. */
function isAgeWithin(events: readonly IdleClosing[], apartMs: (ageMs: number) => number, times: number): boolean {
  const sorted = events.map(({ ageMs }) => ageMs ?? Number.NaN).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const alike = events.filter(({ ageMs = Number.NaN }) => Math.abs(ageMs - middle) <= apartMs(middle));
  if (alike.length < Math.max(3, events.length - 1)) return false;
  const ages = spanOf(alike.map(({ ageMs = Number.NaN }) => ageMs));
  const idle = spanOf(alike.map(({ idleMs }) => idleMs));
  return idle.spreadMs > Math.max(tolerance(idle.low), times * ages.spreadMs);
}

function spanOf(values: readonly number[]): { readonly low: number; readonly spreadMs: number } {
  const low = Math.min(...values);
  return { low, spreadMs: Math.max(...values) - low };
}

/**
 * The idle timeout on which closings at different times, oldest first, agree: none of them differs from it by more than
 * the tolerance. Closings that disagree must be older (the timeout was changed), or few, shorter and not repeated
 * (restarts). `survivedSince`: the longest idle age that a connection survived since then.
 */
export function estimateTimeout(
  events: readonly IdleClosing[],
  survivedSince: (atMs: number) => number,
): ObservedTimeout | undefined {
  if (isAgeLimit(events)) return undefined;
  for (const { counts, apartMs, needed, overrules, varies } of RULES) {
    for (const anchor of events.toReversed()) {
      const group = events.filter(
        (one) => counts(one) && Math.abs(one.idleMs - anchor.idleMs) <= apartMs(anchor.idleMs),
      );
      const ages = group.map(({ idleMs }) => idleMs);
      const low = Math.min(...ages);
      const high = Math.max(...ages);
      const ms = (low + high) / 2;
      if (group.length < needed || high - ms > tolerance(ms)) continue;
      if (varies && group.length - mostAlike(ages) < 2) continue;
      const sinceMs = group[0]?.atMs ?? 0;
      if (isAgeLimit(events.filter(({ atMs }) => atMs >= sinceMs)) || mayBeAgeLimit(group, events)) continue;
      const others = events.filter(
        ({ atMs, idleMs, lateMs }) =>
          !(overrules && atMs < sinceMs) && (idleMs < low - tolerance(low) || idleMs - lateMs > high + tolerance(high)),
      );
      const isAgreed = others.length === 0 || (overrules && areOutliers(others, group.length, low));
      if (isAgreed && survivedSince(sinceMs) <= Math.max(high, ms + tolerance(ms)))
        return { ms: Math.round(low), closures: group.length, spreadMs: Math.round(high - low) };
    }
  }
  return undefined;
}

/**
 * Too many others had been idle for less at the same ages: an age limit, even a varying one, closes such connections,
 * while those that agree were hardly used. With an idle timeout, the ages differ as much as the uses do.
 */
function mayBeAgeLimit(group: readonly IdleClosing[], events: readonly IdleClosing[]): boolean {
  const { low, spreadMs } = spanOf(group.map(({ ageMs = Number.NaN }) => ageMs));
  if (!(spreadMs <= low)) return false;
  const high = low + spreadMs;
  const shortest = spanOf(group.map(({ idleMs }) => idleMs)).low;
  const others = events.filter(
    ({ idleMs, ageMs = Number.NaN }) =>
      idleMs < shortest - tolerance(shortest) && ageMs >= low - tolerance(low) && ageMs <= high + tolerance(high),
  );
  return others.length * 3 >= group.length;
}

/** How many of these idle ages are sharply alike. */
function mostAlike(ages: readonly number[]): number {
  return Math.max(...ages.map((one) => ages.filter((other) => Math.abs(other - one) <= sharpness(one)).length));
}

/** The others are fewer than those that agree, all shorter, and no two alike: a second idle timeout would repeat. */
function areOutliers(others: readonly IdleClosing[], agreeing: number, low: number): boolean {
  return (
    others.length < agreeing &&
    others.every(
      ({ idleMs }, i) =>
        idleMs < low && others.every((other, k) => k === i || Math.abs(other.idleMs - idleMs) > tolerance(idleMs)),
    )
  );
}
