import { crowdFamilies } from './families-crowd';
import { flightFamilies } from './families-flight';
import { otherFamilies } from './families-other';
import { pathFamilies } from './families-path';
import { staleFamilies } from './families-stale';
import type { Stage } from './stage';

/** A way in which requests fail, and why they do. */
export interface Family {
  readonly name: string;
  /** How many seeds make about a hundred failures. */
  readonly seeds: number;
  /** Needs a network of its own: root, or a kernel that lets users make namespaces. */
  readonly isolated?: true;
  /** Plays it once; the seed decides on everything that may vary. */
  play(stage: Stage): Promise<void>;
}

export const FAMILIES: readonly Family[] = [
  ...staleFamilies,
  ...flightFamilies,
  ...crowdFamilies,
  ...otherFamilies,
  ...pathFamilies,
];
