/** A pooled connection that the peer closed while it was idle. */
export interface IdleClosing {
  readonly atMs: number;
  readonly idleMs: number;
  /** By how much the closing may have been seen too late, because this process was busy or suspended. */
  readonly lateMs: number;
  readonly ageMs: number | undefined;
  /** The number of requests it had carried; undefined if its history is unknown. */
  readonly uses: number | undefined;
}
