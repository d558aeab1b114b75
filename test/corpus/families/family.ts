import type { Stage } from '../stage';

/** A way in which requests fail, and why they do. */
export interface Family {
  readonly name: string;
  /** How many seeds make about a hundred failures. */
  readonly seeds: number;
  /** Needs a network of its own: root, or a kernel that lets users make namespaces. */
  readonly isolated?: true;
  /** Idle connections of the origin that the peer closes a second, whatever else happens; absent: none but those of the scene. */
  readonly churn?: number;
  /** Plays it once; the seed decides on everything that may vary. */
  play(stage: Stage): Promise<void>;
}

export type Scene = Family['play'];
