import fs from 'node:fs';
import path from 'node:path';
import { binaries } from './paths';

/** A program that `npm run stack` needs and does not install: the names of its file, and what to install. */
interface Needed {
  readonly names: readonly string[];
  readonly advice: string;
}

const NEEDED = {
  collector: { names: [binaries.collector], advice: 'the OpenTelemetry Collector is missing: npm run stack:build' },
  jaeger: { names: [binaries.jaeger], advice: 'Jaeger is missing: npm run stack:build' },
  prometheus: { names: ['prometheus'], advice: 'Prometheus is missing: apt-get install prometheus' },
  alertmanager: {
    names: ['prometheus-alertmanager', 'alertmanager'],
    advice: 'Alertmanager is missing: apt-get install prometheus-alertmanager',
  },
  nginx: { names: ['nginx', '/usr/sbin/nginx'], advice: 'nginx is missing: apt-get install nginx-light' },
} as const satisfies Record<string, Needed>;

export type ProgramName = keyof typeof NEEDED;
export type Programs = Readonly<Record<ProgramName, string>>;

/** Throws an error with a line for each program that is missing. */
export function findPrograms(): Programs {
  const missing: string[] = [];
  const found = Object.entries(NEEDED).map(([name, { names, advice }]) => {
    const file = names.map(executable).find((one) => one !== undefined);
    if (file === undefined) missing.push(advice);
    return [name, file];
  });
  if (missing.length > 0) throw new Error(missing.join('\n'));
  return Object.fromEntries(found);
}

function executable(name: string): string | undefined {
  const folders = path.isAbsolute(name) ? [''] : (process.env.PATH ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
