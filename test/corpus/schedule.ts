import { FAMILIES } from './families';
import type { Family } from './families/family';
import { isHeldOut } from './score/row';

/** One family, played once. */
export interface Job {
  readonly family: Family;
  readonly seed: number;
}

/** The sixth of the corpus is a third of the half that is kept for the proof. */
const PARTS = 3;

/** Whatever the machine and the order of the families. */
function hash(text: string): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7);
}

/** A family of three held-out seeds or more is always there; smaller ones begin elsewhere, by their names. */
function isInSixth({ family, seed }: Job): boolean {
  return isHeldOut({ seed }) && (seed / 2 + hash(family.name)) % PARTS === 0;
}

export function jobsOf(only: string, isSixth: boolean): Job[] {
  const families = FAMILIES.filter(({ name }) => name.includes(only));
  const jobs = families.flatMap((family) => Array.from({ length: family.seeds }, (_, i) => ({ family, seed: i + 1 })));
  return isSixth ? jobs.filter(isInSixth) : jobs;
}
