/** What the pool in use allows, by the settings of its agent or dispatcher. */
export interface PoolLimits {
  /** The setting that limits how many connections it opens. */
  readonly setting: 'maxSockets' | 'maxTotalSockets' | 'connections';
  /** The value of that setting; undefined where it is not known. */
  readonly connections: number | undefined;
  /** The `timeout` of an `http.Agent`, which runs during requests as well; undefined if there is none. */
  readonly timeoutMs: number | undefined;
}
