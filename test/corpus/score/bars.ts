import { FAMILIES } from '../families';
import { RATES } from '../families/churn';
import { missedByHindsight } from './hindsight';
import { isHeldOut, isRight, isUnknown, isWrong, type Row } from './row';

/** So many `likely` verdicts of the held-out half make the proof, at each rate. */
const PROOF = 1_000;
/** Up to this many idle closings a second, what is known of a stale failure has to show. */
const CALM = 1;
/** Much about them is alike whatever their cause: more of their verdicts may be `unknown`. */
const HARD = ['nginx drops requests, reused', 'one request a connection, unannounced'];

/** Stale, and the verdict can know it: the peer's idle timeout was known, or nothing was sent. */
export function isKnownStale({ truth, known, sent }: Row): boolean {
  return truth === 'stale_keepalive' && (known || sent === 'none');
}

/** A POST that the application had got, and that was called safe to send again. */
export function isUnsafe({ method, retrySafe, processed }: Row): boolean {
  return method === 'POST' && retrySafe && processed;
}

/** What a whole run has to show, and what CI's part of it must not fall below: that is too small for a proof. */
const BARS = {
  whole: { likelyWrong: 0, familyWrong: 1, unknown: 0.05, right: 0.95, unknownOfHard: 0.3 },
  part: { likelyWrong: 2, familyWrong: 2, unknown: 0.15, right: 0.85, unknownOfHard: 1 },
};

/** What the held-out half has to show; one sentence for each bar that is not met. */
export function missedBars(rows: readonly Row[], isWhole: boolean): string[] {
  const held = rows.filter(isHeldOut);
  const bars = isWhole ? BARS.whole : BARS.part;
  const missed: string[] = [];
  const must = (isMet: boolean, sentence: string) => {
    if (!isMet) missed.push(sentence);
  };
  const certain = held.filter((row) => row.confidence === 'certain' && !isRight(row));
  must(certain.length === 0, `${certain.length} certain verdicts are wrong`);
  const unsafe = rows.filter(isUnsafe);
  must(unsafe.length === 0, `${unsafe.length} POST requests were processed and called safe to retry`);

  const likely = held.filter(({ confidence }) => confidence === 'likely');
  for (const rate of RATES) {
    const own = likely.filter(({ churn }) => churn === rate);
    const wrong = own.filter((row) => !isRight(row)).length;
    const place = `at ${rate} idle closings a second`;
    must(wrong <= Math.max(bars.likelyWrong, own.length / 200), `${place} ${wrong} of ${own.length} likely are wrong`);
    must(!isWhole || own.length >= PROOF, `${place} there are ${own.length} likely verdicts, not ${PROOF}`);
  }
  for (const { name } of FAMILIES) {
    const own = rows.filter(({ family }) => family === name);
    const wrong = likely.filter((row) => row.family === name && !isRight(row)).length;
    must(wrong <= bars.familyWrong, `${wrong} likely verdicts are wrong of: ${name}`);
    must(!isWhole || own.length > 0, `no failures of: ${name}`);
  }
  const stale = held.filter((row) => isKnownStale(row) && row.churn <= CALM);
  const found = stale.filter((row) => isRight(row) && row.confidence !== 'possible');
  must(found.length >= 0.9 * stale.length, `${found.length} of ${stale.length} stale failures are likely or better`);

  const possible = held.filter(({ confidence }) => confidence === 'possible');
  const unknown = possible.filter(isUnknown);
  const right = possible.filter(isRight);
  must(unknown.length <= bars.unknown * held.length, `${unknown.length} of ${held.length} verdicts are unknown`);
  const told = right.length + possible.filter(isWrong).length;
  must(right.length >= bars.right * told, `${right.length} of ${told} possible causes are right`);
  for (const name of HARD) {
    const own = held.filter(({ family }) => family === name);
    const share = own.filter(isUnknown).length;
    must(share <= bars.unknownOfHard * own.length, `${share} of ${own.length} verdicts are unknown of: ${name}`);
  }
  missed.push(...missedByHindsight(rows, isWhole));
  return missed;
}
