import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Diagnosis } from '../../src/diagnose/findings/diagnosis';
import { root } from '../support/root';

/** What the command printed, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as it is in the package. */
export const command = path.join(root, 'build/package/diagnose/main.js');

export const demoRun = path.join(root, 'test/diagnose/fixtures/demo-run.jsonl');

/** Runs `diagnose` with these arguments in a process of its own, 100 columns wide. */
export function diagnose(args: readonly string[], input: string | Buffer = ''): Promise<Ran> {
  const child = spawn(process.execPath, [command, 'diagnose', ...args], { env: { ...process.env, COLUMNS: '100' } });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) =>
    child.on('close', (code) =>
      resolve({ code, stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(err)) }),
    ),
  );
}

/** What it finds, from its JSON. */
export async function found(args: readonly string[], input?: string): Promise<Diagnosis> {
  const { stdout } = await diagnose([...args, '--json'], input);
  return JSON.parse(stdout) as Diagnosis;
}

/** A file in a folder of its own below the temporary folder, gone with the process. */
export function temporary(name: string, content: string | Buffer = ''): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'diagnose-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  return file;
}
