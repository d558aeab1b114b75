import os from 'node:os';
import { RIVALS, WEIGHTS } from '../../../src/verdict/causes/weights';
import { FAMILIES } from '../families';
import { RATES } from '../families/churn';
import { isKnownStale, isUnsafe } from './bars';
import { isExact, isInFlight, isRightAgain } from './hindsight';
import { isHeldOut, isRight, isUnknown, isWrong, type Row } from './row';

const LEVELS = ['certain', 'likely', 'possible'] as const;
const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);
const count = (rows: readonly Row[], ...tests: readonly ((row: Row) => boolean)[]) =>
  rows.filter((row) => tests.every((test) => test(row))).length;
const at = (level: string) => (row: Row) => row.confidence === level;

type Cell = string | number;

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((cells) => line(cells.map((cell) => cell || '')))].join(
    '\n',
  );
}

function levelTable(held: readonly Row[]): string {
  const rows = LEVELS.map((level) => {
    const own = held.filter(at(level));
    const [right, wrong] = [count(own, isRight), count(own, isWrong)];
    return [level, own.length, count(own, isUnknown), `${wrong}`, percent(right, right + wrong)];
  });
  return table(['confidence', 'verdicts', 'unknown', 'wrong', 'right of the others'], rows);
}

function rateTable(held: readonly Row[]): string {
  const rows = RATES.map((rate) => {
    const own = held.filter(({ churn }) => churn === rate);
    const likely = own.filter(at('likely'));
    const possible = own.filter((row) => row.confidence === 'possible' && !isUnknown(row));
    const stale = own.filter(isKnownStale);
    const found = count(stale, isRight, (row) => row.confidence !== 'possible');
    const families = new Set(likely.filter((row) => !isRight(row)).map(({ family }) => family));
    return [
      `${rate}`,
      own.length,
      `${count(own, at('certain'))}`,
      `${likely.length}`,
      `${count(likely, (row) => !isRight(row))}`,
      `${families.size}`,
      percent(count(possible, isRight), possible.length),
      percent(count(own, isUnknown), own.length),
      `${found} of ${stale.length}`,
    ];
  });
  const head = ['idle closings a second', 'failures', 'certain', 'likely', 'of these wrong', 'in families'];
  return table([...head, 'possible, right', 'unknown', 'stale and known: likely or certain'], rows);
}

function causeTable(held: readonly Row[]): string {
  const causes = [...new Set(held.map(({ cause }) => cause))].sort();
  const rows = [...new Set(held.map(({ truth }) => truth))].sort().map((truth) => {
    const own = held.filter((row) => row.truth === truth);
    return [truth, own.length, ...causes.map((cause) => count(own, (row) => row.cause === cause))];
  });
  return table(['truth', 'failures', ...causes], rows);
}

/** Ends in flight, whose kind only others show. */
function hindsightTable(held: readonly Row[]): string {
  const rows = [...new Set(held.filter(isInFlight).map(({ truth }) => truth))].sort().map((truth) => {
    const own = held.filter((row) => row.truth === truth);
    const before = count(own, (row) => row.cause === truth);
    const after = count(own, isExact);
    return [truth, own.length, before, after, percent(after, own.length)];
  });
  return table(['truth', 'failures', 'exact on the span', 'exact with hindsight', 'of all'], rows);
}

function weightTable(): string {
  const values = RIVALS.flatMap((rival) =>
    Object.entries(WEIGHTS[rival]).flatMap(([feature, own]) => Object.keys(own).map((value) => `${feature}: ${value}`)),
  );
  const rows = [...new Set(values)].sort().map((name) => {
    const [feature = '', value = ''] = name.split(': ');
    return [name, ...RIVALS.map((rival) => WEIGHTS[rival][feature]?.[value] ?? '')];
  });
  return table(['observation', ...RIVALS], rows);
}

function familyTable(held: readonly Row[]): string {
  const rows = FAMILIES.map(({ name }) => {
    const own = held.filter(({ family }) => family === name);
    const truths = [...new Set(own.map(({ truth }) => truth))].sort();
    const right = LEVELS.map((level) => count(own, at(level), isRight));
    const wrong = ['likely', 'possible'].map((level) => count(own, at(level), isWrong));
    return [name, truths.join(', '), own.length, ...right, count(own, isUnknown), ...wrong, count(own, isRightAgain)];
  });
  const right = LEVELS.map((level) => `right, ${level}`);
  return table(
    ['family', 'truth', 'failures', ...right, 'unknown', 'wrong, likely', 'wrong, possible', 'right in hindsight'],
    rows,
  );
}

/** `command`: what was played. */
export function reportOn(rows: readonly Row[], command: string): string {
  const held = rows.filter(isHeldOut);
  const isHalf = held.length === rows.length;
  const posts = rows.filter(({ method, retrySafe }) => method === 'POST' && retrySafe);
  return `# What the package makes of failures whose cause is known

\`${command}\` of ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${os.type()}, ${os.cpus().length} cores, load average ${Math.round(os.loadavg()[0] ?? 0)}.
${rows.length} failures of ${new Set(rows.map(({ family }) => family)).size} families; ${isHalf ? 'only the even seeds were played, which are kept for the proof' : `below are the ${held.length} of the even seeds, which are kept for the proof`}.

${levelTable(held)}

POST requests called safe to retry, in both halves: ${posts.length}, of which the application behind the peer got to see ${count(posts, isUnsafe)}.

## By the rate at which the peer closes other idle connections

${rateTable(held)}

"Stale and known": a stale failure, with the peer's idle timeout known or nothing sent.

## Truth (rows) and verdict (columns)

${causeTable(held)}

\`peer_aborted\` is right of what its handler aborted and, as \`possible\`, of the first requests that a crash ends, until two
others of other ages have ended, and of the first that a time limit cuts: nothing shows more by then. Where the machine is
busy, a peer takes long to drop a request, which looks like an end in flight.

## With hindsight

What \`diagnose\` makes of ends in flight with all spans of the run at hand. Here \`peer_aborted\` is right only of what was
aborted.

${hindsightTable(held)}

## Weights

What each observation adds to a cause, in tenths of the natural logarithm of the odds; the highest sum of the causes that
are considered wins.

${weightTable()}

## By family

${familyTable(held)}
`;
}
