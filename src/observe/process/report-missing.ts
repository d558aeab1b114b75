import { reporterOf } from './process-state';
import { takeUnreported } from './read-private';

/**
 * Reports each missing private member once, when a request is observed, because there may be no listener before that.
 */
export function reportMissing(): void {
  for (const line of takeUnreported()) reporterOf('net')?.warn(line);
}
