/** A change of a setting, as a person makes it. */
interface SettingChange {
  /** Code to paste, on one line; absent where it is not known how this client is set up. */
  readonly code?: string;
  /** What else to know before it is pasted. */
  readonly note?: string;
}

/** The setting by which the client in use limits how long its pool keeps idle connections. */
export interface IdleTimeoutSetting {
  /** What the documentation of the client calls it. */
  readonly name: string;
  /** Sets it to `ms`. `scheme`: of the origin. `announcedMs`: what the peer announces, if it does. */
  change(ms: number, scheme: 'http' | 'https', announcedMs?: number): SettingChange;
}

/** Of a pool whose setting is not known. */
export const UNKNOWN_SETTING: IdleTimeoutSetting = {
  name: 'unknown',
  change: () => ({ note: 'the idle timeout of its connection pool' }),
};
