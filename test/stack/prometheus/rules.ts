import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { root, stackFolder } from '../../../examples/stack/run/paths';

export const ruleFiles = ['rules.yml', 'span-rules.yml'] as const;
export type RuleFile = (typeof ruleFiles)[number];

export const rulesFolder = path.join(stackFolder, 'rules');
const casesFolder = path.join(root, 'test/stack/prometheus/cases');

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The alert's name, with its window where several alerts have one name. */
export function idOf({ alert, labels: { window = '' } }: AlertRule): string {
  return alert + window.charAt(0).toUpperCase() + window.slice(1);
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly (AlertRule | RecordingRule)[] }[];
}

export function textOf(file: RuleFile): string {
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

/** A file of test cases for promtool. */
export interface CaseFile {
  /** Path of the file below `cases`. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The cases of `rules.yml` are in the folder `cases/rules`. */
export function caseFilesOf(file: RuleFile): readonly CaseFile[] {
  const folder = path.basename(file, '.yml');
  return readdirSync(path.join(casesFolder, folder)).map((entry) => {
    const name = `${folder}/${entry}`;
    const whole = path.join(casesFolder, name);
    return { name, path: whole, text: readFileSync(whole, 'utf8') };
  });
}
