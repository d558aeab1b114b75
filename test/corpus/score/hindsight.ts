import { FAMILIES } from '../families';
import { isHeldOut, isRight, type Row } from './row';

/** Ends in flight look alike: only others of their kind show which is which. */
const IN_FLIGHT: readonly string[] = ['peer_restart', 'peer_aborted', 'response_timeout'];
/** How many ends in flight get their exact cause with hindsight. */
const EXACT = 0.9;

export const isInFlight = ({ truth }: Row): boolean => IN_FLIGHT.includes(truth);

/** With everything at hand, `peer_aborted` is right only of what was aborted. */
export const isExact = ({ truth, hindsight }: Row): boolean => hindsight === truth;

/** Where hindsight has nothing to say, the verdict counts as it stands. */
export const isRightAgain = (row: Row): boolean => isExact(row) || (row.hindsight === row.cause && isRight(row));

/** How many right verdicts hindsight may make wrong in CI's part of the corpus, of all of them. */
const SPOILT = 0.01;

/**
 * What hindsight has to show in a whole run, one sentence for each bar that is not met. CI's part is too small for a
 * proof: there it must not make more than one right verdict in a hundred wrong.
 */
export function missedByHindsight(rows: readonly Row[], isWhole: boolean): string[] {
  const missed: string[] = [];
  const spoilt = FAMILIES.map(({ name }) => {
    const own = rows.filter(({ family }) => family === name);
    return { name, count: Math.max(0, own.filter(isRight).length - own.filter(isRightAgain).length) };
  });
  if (!isWhole) {
    const total = spoilt.reduce((sum, { count }) => sum + count, 0);
    return total > SPOILT * rows.length ? [`hindsight makes ${total} of ${rows.length} verdicts wrong`] : [];
  }
  for (const { name, count } of spoilt)
    if (count > 0) missed.push(`hindsight makes ${count} right verdicts wrong of: ${name}`);
  const ends = rows.filter((row) => isHeldOut(row) && isInFlight(row));
  const exact = ends.filter(isExact).length;
  if (exact < EXACT * ends.length) missed.push(`with hindsight ${exact} of ${ends.length} ends in flight are exact`);
  return missed;
}
