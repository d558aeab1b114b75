/** How a person changes a setting. */
export interface SettingChange {
  /** Code to paste, on one line; absent where it is unknown how this client is configured. */
  readonly code?: string;
  /** What to know before pasting the code. */
  readonly note?: string;
}

/** The setting by which the client in use limits how long its pool keeps idle connections. */
export interface IdleTimeoutSetting {
  /** What the documentation of the client calls it. */
  readonly name: string;
  /**
   * Returns the change that sets it to `ms`. `scheme` is the origin's; `announcedMs` is what the peer announces, if
   * anything.
   */
  change(ms: number, scheme: 'http' | 'https', announcedMs?: number): SettingChange;
}

/** The setting of a pool that is unknown. */
export const UNKNOWN_SETTING: IdleTimeoutSetting = {
  name: 'unknown',
  change: () => ({ note: 'the idle timeout of its connection pool' }),
};
