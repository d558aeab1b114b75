import { type Row, unavoidable } from './judge';
import type { Run } from './play';

const HEAD = ['client', '', 'requests', 'failed', 'avoidable', 'retried', 'executed twice'];

/** The table, a line for each client, naive and fixed. */
export function tableOf(rows: readonly Row[]): string[] {
  const cells = rows.map(({ client, mode, requests, failed, avoidable, retried, twice }) =>
    [mode === 'naive' ? client : '', mode, requests, failed, avoidable, retried, twice].map(String),
  );
  const widths = HEAD.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  return [HEAD, ...cells].map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}

export function printTable(rows: readonly Row[]): void {
  for (const line of tableOf(rows)) console.log(line);
}

/** What the fixed clients lost all the same. */
export function printUnavoidable(runs: readonly Run[]): void {
  const fixed = runs.filter(({ mode }) => mode === 'fixed');
  const lost = fixed.flatMap(unavoidable);
  for (const call of new Set(lost)) {
    const count = lost.filter((each) => each === call).length;
    console.log();
    console.log(`${call} failed in ${count} of ${fixed.length} fixed clients, and was not sent again: the peer had`);
    console.log('executed it before it cut the answer, as its log shows. Only the application knows what that means.');
  }
}

/** Every failure that reached the application, with the verdict on it. */
export function printFailures(runs: readonly Run[]): void {
  console.log();
  for (const { client, mode, outcomes } of runs) {
    for (const { call, error, failure } of outcomes) {
      const verdict = failure === undefined ? 'no verdict' : `${failure.cause}, ${failure.confidence}`;
      if (error !== undefined) console.log(`${client}, ${mode}: ${call}: ${verdict}: ${error}`);
    }
  }
}
