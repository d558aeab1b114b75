/** What the pool in use allows, according to the settings of its agent or dispatcher. */
export interface PoolLimits {
  /** The setting that limits how many connections it opens. */
  readonly setting: 'maxSockets' | 'maxTotalSockets' | 'connections';
  /** The value of that setting; undefined if unknown. */
  readonly connections: number | undefined;
  /** The `timeout` of an `http.Agent`, which also applies during requests; undefined if there is none. */
  readonly timeoutMs: number | undefined;
}
