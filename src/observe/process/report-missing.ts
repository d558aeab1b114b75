import { reporterOf } from './process-state';
import { takeUnreported } from './read-private';

/** Reports the private members that are missing, once each: when a request is observed, because nobody may listen before. */
export function reportMissing(): void {
  for (const line of takeUnreported()) reporterOf('net')?.warn(line);
}
