import os from 'node:os';
import { RIVALS, WEIGHTS } from '../../src/verdict/causes/weights';
import { FAMILIES } from './families';
import type { Row } from './play';

const isHeldOut = ({ seed }: Row) => seed % 2 === 0;
const isRight = ({ truth, cause }: Row) => truth === cause;
const share = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);
const LEVELS = ['certain', 'likely', 'possible'] as const;

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What the held-out half has to show; one sentence for each bar that is not met. */
export function failuresOf(rows: readonly Row[]): string[] {
  const held = rows.filter(isHeldOut);
  const wrong = (level: string) => held.filter((row) => row.confidence === level && !isRight(row));
  const likely = held.filter(({ confidence }) => confidence === 'likely');
  const stale = held.filter(({ truth, known, sent }) => truth === 'stale_keepalive' && (known || sent === 'none'));
  const found = stale.filter((row) => isRight(row) && row.confidence !== 'possible');
  const unsafe = rows.filter(({ method, retrySafe, processed }) => method === 'POST' && retrySafe && processed);
  const absent = FAMILIES.filter(({ name }) => !rows.some(({ family }) => family === name));
  const told: string[] = [];
  if (wrong('certain').length > 0) told.push(`${wrong('certain').length} certain verdicts are wrong`);
  if (wrong('likely').length * 200 > likely.length)
    told.push(`${wrong('likely').length} of ${likely.length} likely verdicts are wrong`);
  if (found.length < stale.length * 0.9)
    told.push(`${found.length} of ${stale.length} stale failures are likely or better`);
  if (unsafe.length > 0) told.push(`${unsafe.length} POST requests were processed and called safe to retry`);
  for (const { name } of absent) told.push(`no failures of: ${name}`);
  return told;
}

export function reportOn(rows: readonly Row[]): string {
  const held = rows.filter(isHeldOut);
  const truths = [...new Set(held.map(({ truth }) => truth))].sort();
  const causes = [...new Set(held.map(({ cause }) => cause))].sort();
  const matrix = truths.map((truth) => {
    const own = held.filter((row) => row.truth === truth);
    return [truth, own.length, ...causes.map((cause) => own.filter((row) => row.cause === cause).length || '')];
  });
  const levels = LEVELS.map((level) => {
    const own = held.filter(({ confidence }) => confidence === level);
    return [
      level,
      own.length,
      own.filter((row) => !isRight(row)).length,
      share(own.filter(isRight).length, own.length),
    ];
  });
  const families = FAMILIES.map(({ name }) => {
    const own = held.filter(({ family }) => family === name);
    const of = (level: string) => own.filter((row) => row.confidence === level && isRight(row)).length || '';
    return [name, own[0]?.truth ?? '', own.length, ...LEVELS.map(of), own.filter((row) => !isRight(row)).length || ''];
  });
  const values = RIVALS.flatMap((rival) =>
    Object.entries(WEIGHTS[rival]).flatMap(([feature, own]) => Object.keys(own).map((value) => `${feature}: ${value}`)),
  );
  const weights = [...new Set(values)].sort().map((name) => {
    const [feature = '', value = ''] = name.split(': ');
    return [name, ...RIVALS.map((rival) => WEIGHTS[rival][feature]?.[value] ?? '')];
  });
  const stale = held.filter(({ truth, known, sent }) => truth === 'stale_keepalive' && (known || sent === 'none'));
  const found = stale.filter((row) => isRight(row) && row.confidence !== 'possible');
  const posts = rows.filter(({ method, retrySafe }) => method === 'POST' && retrySafe);
  return `# What the package makes of failures whose cause is known

\`npm run corpus\` of ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${os.type()}, ${os.cpus().length} cores. ${rows.length} failures of
${new Set(rows.map(({ family }) => family)).size} families; below are the ${held.length} of the even seeds, which are kept for the proof.

${table(['confidence', 'verdicts', 'wrong', 'right'], levels)}

Stale, with the peer's limit known or nothing sent: ${found.length} of ${stale.length} are \`likely\` or \`certain\`. POST requests called safe to
retry, in both halves: ${posts.length}, of which the application behind the peer got to see ${posts.filter(({ processed }) => processed).length}.

## Truth (rows) and verdict (columns)

${table(['truth', 'failures', ...causes], matrix)}

## Weights

What each observation adds to a cause, in tenths of the natural logarithm of the odds; the highest sum of the causes that
are considered wins (\`src/connection/weigh.ts\`).

${table(['observation', ...RIVALS], weights)}

## By family

${table(['family', 'truth', 'failures', ...LEVELS.map((level) => `right, ${level}`), 'wrong'], families)}
`;
}
