import type { IdleClosing } from './idle-closing';

/** An idle timeout as the peer's closings show it. */
export interface ObservedTimeout {
  readonly ms: number;
  /** Closings that agree, each of a moment of its own, and how far their idle ages lie apart. */
  readonly closures: number;
  readonly spreadMs: number;
}

/** So many closings make a limit although others disagree, or although they lie far apart. */
const MAJORITY = 4;

/** How far from a limit idle ages lie: timers and loops are late, and some peers vary their limit by a tenth. */
export function tolerance(idleMs: number): number {
  return Math.max(idleMs * 0.1, Math.min(200, idleMs * 0.25));
}

/** Two closings may agree by chance, if that means much more than this. */
function sharpness(idleMs: number): number {
  return Math.max(idleMs * 0.02, Math.min(50, idleMs * 0.1));
}

/** This process was not so busy that it can have seen the end much too late. */
export function isExact({ idleMs, lateMs }: IdleClosing): boolean {
  return lateMs <= tolerance(idleMs);
}

/** How closings may agree: which of them count, how far apart they may lie, how many it takes, whether others may disagree. */
interface Rule {
  readonly counts: (closing: IdleClosing) => boolean;
  readonly apartMs: (idleMs: number) => number;
  readonly needed: number;
  readonly overrules?: boolean;
}

const RULES: readonly Rule[] = [
  { counts: isExact, apartMs: sharpness, needed: 2 },
  { counts: isExact, apartMs: tolerance, needed: 3 },
  { counts: isExact, apartMs: tolerance, needed: MAJORITY, overrules: true },
  // A peer that varies its limit.
  { counts: isExact, apartMs: (idleMs) => 2 * tolerance(idleMs), needed: MAJORITY },
  // This process is always busy: what it sees late is late by different times.
  { counts: ({ idleMs, lateMs }) => lateMs <= idleMs / 2, apartMs: sharpness, needed: MAJORITY },
];

/**
 * The limit that closings of separate moments, oldest first, agree on: none of them lies farther from it than the
 * tolerance. Where others disagree they have to be older (the limit was changed), or a few shorter ones that do not repeat
 * (restarts). `survivedSince`: the longest idle age that a connection survived since then.
 */
export function estimateTimeout(
  events: readonly IdleClosing[],
  survivedSince: (atMs: number) => number,
): ObservedTimeout | undefined {
  for (const { counts, apartMs, needed, overrules } of RULES) {
    for (const anchor of events.toReversed()) {
      const group = events.filter(
        (one) => counts(one) && Math.abs(one.idleMs - anchor.idleMs) <= apartMs(anchor.idleMs),
      );
      const ages = group.map(({ idleMs }) => idleMs);
      const low = Math.min(...ages);
      const high = Math.max(...ages);
      const ms = (low + high) / 2;
      if (group.length < needed || high - ms > tolerance(ms)) continue;
      const sinceMs = group[0]?.atMs ?? 0;
      const others = events.filter(
        ({ atMs, idleMs, lateMs }) =>
          !(overrules && atMs < sinceMs) && (idleMs < low - tolerance(low) || idleMs - lateMs > high + tolerance(high)),
      );
      const isAgreed = others.length === 0 || (overrules && areStrays(others, group.length, low));
      if (isAgreed && survivedSince(sinceMs) <= Math.max(high, ms + tolerance(ms)))
        return { ms: Math.round(ms), closures: group.length, spreadMs: Math.round(high - low) };
    }
  }
  return undefined;
}

/** Fewer than those that agree, all shorter, and no two alike: a second limit would repeat. */
function areStrays(others: readonly IdleClosing[], agreeing: number, low: number): boolean {
  return (
    others.length < agreeing &&
    others.every(
      ({ idleMs }, i) =>
        idleMs < low && others.every((other, k) => k === i || Math.abs(other.idleMs - idleMs) > tolerance(idleMs)),
    )
  );
}
