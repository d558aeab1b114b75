import { unreported } from './read-private';
import { reporterOf } from './reporters';

/**
 * Reports each missing private member once, when a request is observed, because there may be no listener before that.
 */
export function reportMissing(): void {
  for (const line of unreported.splice(0)) reporterOf('net')?.warn(line);
}
