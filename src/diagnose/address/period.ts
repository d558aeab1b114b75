/** The time to look at. */
export interface Period {
  /** How far back from now; undefined: all of a file, an hour of an address. */
  readonly sinceMs: number | undefined;
  readonly nowMs: number;
}
