/** Below this, a window is no longer divided, whatever it holds. */
const SHORTEST_MS = 1_000;

/** A part of a period, and whether everything in it could be read. */
export interface Window<T> {
  readonly fromMs: number;
  readonly toMs: number;
  readonly answer: T;
  readonly isWhole: boolean;
}

/**
 * Divides a period into windows whose answers stay below the limit of a search that has no pages. Windows come latest
 * first.
 */
export async function* windowsOf<T>(
  fromMs: number,
  toMs: number,
  limit: number,
  search: (fromMs: number, toMs: number) => Promise<{ readonly answer: T; readonly count: number }>,
): AsyncGenerator<Window<T>> {
  const isShort = toMs - fromMs <= SHORTEST_MS;
  const whole = await searchWindow();
  if (whole !== undefined) {
    yield whole;
    return;
  }
  const middle = Math.round((fromMs + toMs) / 2);
  yield* windowsOf(middle, toMs, limit, search);
  yield* windowsOf(fromMs, middle, limit, search);

  // A function of its own, so that no answer stays in memory while its parts are read.
  async function searchWindow(): Promise<Window<T> | undefined> {
    const { answer, count } = await search(fromMs, toMs);
    const isWhole = count < limit;
    return isWhole || isShort ? { fromMs, toMs, answer, isWhole } : undefined;
  }
}
