/** The setting by which the client in use limits how long its pool keeps idle connections. */
export interface IdleTimeoutSetting {
  readonly name: string;
  /** The setting with this value, as a person writes it; without a value, the setting alone. `scheme`: of the origin. */
  change(ms: number | undefined, scheme: 'http' | 'https'): string;
}

/** Of a pool whose setting is not known. */
export const UNKNOWN_SETTING: IdleTimeoutSetting = {
  name: 'unknown',
  change: () => 'the idle timeout of its connection pool',
};

/** `: 4000` behind the name of an option; empty without a value. */
export function optionValue(ms: number | undefined): string {
  return ms === undefined ? '' : `: ${ms}`;
}
