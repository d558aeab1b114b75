/** A pooled connection that the peer closed while nobody used it. */
export interface IdleClosing {
  readonly atMs: number;
  readonly idleMs: number;
  /** How much too late its end may have been seen: this process was busy, or suspended. */
  readonly lateMs: number;
  readonly ageMs: number | undefined;
  /** Requests that it had carried; undefined if its history is unknown. */
  readonly uses: number | undefined;
}
