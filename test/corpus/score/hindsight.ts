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

/** What hindsight has to show; one sentence for each bar that is not met. */
export function missedByHindsight(rows: readonly Row[]): string[] {
  const missed: string[] = [];
  for (const { name } of FAMILIES) {
    const own = rows.filter(({ family }) => family === name);
    const [before, after] = [own.filter(isRight).length, own.filter(isRightAgain).length];
    if (after < before) missed.push(`hindsight makes ${before - after} right verdicts wrong of: ${name}`);
  }
  const ends = rows.filter((row) => isHeldOut(row) && isInFlight(row));
  const exact = ends.filter(isExact).length;
  if (exact < EXACT * ends.length) missed.push(`with hindsight ${exact} of ${ends.length} ends in flight are exact`);
  return missed;
}
