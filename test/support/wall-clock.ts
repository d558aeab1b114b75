/** A wall clock that a test can step, as NTP does, or a machine that sleeps. Import it before this package, which keeps `Date.now`. */
const real = Date.now;
let aheadMs = 0;
Date.now = () => real() + aheadMs;

/** Steps the wall clock; the monotonic one runs on as before. Returns the undo. */
export function stepWallClock(ms: number): () => void {
  aheadMs += ms;
  return () => {
    aheadMs -= ms;
  };
}
