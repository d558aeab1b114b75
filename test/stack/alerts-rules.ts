import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { stackFolder } from '../../examples/stack/run/paths';

export const rulesFolder = path.join(stackFolder, 'prometheus');
export const ruleFiles = ['rules.yml', 'span-rules.yml'] as const;
export type RuleFile = (typeof ruleFiles)[number];

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly (AlertRule | RecordingRule)[] }[];
}

export function textOf(file: string): string {
  return readFileSync(path.join(rulesFolder, file), 'utf8');
}

export function alertsIn(file: RuleFile): readonly AlertRule[] {
  return rulesIn(file).filter((rule) => 'alert' in rule);
}

export function recordingsIn(file: RuleFile): readonly RecordingRule[] {
  return rulesIn(file).filter((rule) => 'record' in rule);
}

function rulesIn(file: RuleFile): readonly (AlertRule | RecordingRule)[] {
  return (parse(textOf(file)) as Rules).groups.flatMap(({ rules }) => rules);
}

/** Files with cases: `rules.stale.test.yml` is about rules.yml. */
export function testFilesOf(file: RuleFile): readonly string[] {
  const prefix = file.replace('yml', '');
  return readdirSync(rulesFolder).filter((name) => name.startsWith(prefix) && name.endsWith('.test.yml'));
}
