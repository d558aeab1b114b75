import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type AlertRule, caseFilesOf, idOf, type RuleFile } from './rules';

/** A file of rules without one guard of one alert. A guard is a line that ends with the comment `# guard`. */
export interface Mutant {
  /** Its id (`idOf`). */
  readonly id: string;
  readonly alert: string;
  /** The line without its comment. */
  readonly guard: string;
  readonly text: string;
}

const GUARD = /^\s+(.+?) *# guard(?:: .*)?$/;

/**
 * Removes a line that only adds a condition or a delay. In the first line of an expression the threshold becomes 0, so
 * that one event is enough.
 */
export function mutantsOf(text: string, alerts: readonly AlertRule[]): readonly Mutant[] {
  const lines = text.split('\n');
  // The alerts are in the order of the file.
  const left = [...alerts];
  let rule: AlertRule | undefined;
  return lines.flatMap((line, i) => {
    if (/^ +- alert: \w+$/.test(line)) rule = left.shift();
    const guard = line.startsWith('#') ? undefined : GUARD.exec(line)?.[1];
    if (guard === undefined || rule === undefined) return [];
    const { alert } = rule;
    const rest = /^(?:and|unless|for:|keep_firing_for:)/.test(guard) ? [] : [line.replace(/>= \d+ *#.*/, '> 0')];
    if (rest[0] === line) throw new Error(`${alert}: no threshold in the guard "${guard}"`);
    return [{ id: idOf(rule), alert, guard, text: lines.toSpliced(i, 1, ...rest).join('\n') }];
  });
}

/** Whether a case fails with these rules in place of the committed ones. */
export async function isNoticed(file: RuleFile, { id, alert, text }: Mutant): Promise<boolean> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mutant-'));
  try {
    await writeFile(path.join(folder, file), text);
    if ((await promtool(folder, 'check', 'rules', file)).failed) throw new Error(`${id}: the mutant is not valid`);
    const cases = caseFilesOf(file).filter((one) => one.text.includes(`name: ${id}\n`));
    const copies = cases.map((one) => path.basename(one.name, '.yml')).map((name) => `${name}.cases.yml`);
    for (const [i, one] of cases.entries())
      await writeFile(path.join(folder, copies[i] ?? ''), one.text.replace(/(rule_files: \[).*\/(.+\])/, '$1$2'));
    const { failed, output } = await promtool(folder, 'test', 'rules', ...copies);
    // It must have failed in a case of this alert, not just anywhere.
    return failed && output.includes(alert);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function promtool(folder: string, ...args: string[]): Promise<{ failed: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    execFile('promtool', args, { cwd: folder, maxBuffer: 10_000_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ failed: error !== null, output: stdout + stderr });
    });
  });
}
