import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from './options';

const BEGIN = '<!doctype html>';

/**
 * Throws a `UsageError` if the page cannot be written to this file, or should not: a file that is not a report may be a
 * source whose name followed `--html` by mistake. Called before reading, which may take minutes.
 */
export function checkPageFile(name: string): void {
  const file = fs.statSync(name, { throwIfNoEntry: false });
  if (file?.isDirectory() || name === '') throw new UsageError(`--html ${name}: not the name of a file`);
  if (file === undefined && !fs.existsSync(path.dirname(name)))
    throw new UsageError(`--html ${name}: there is no such folder`);
  if (file?.isFile() && file.size > 0 && !isPage(name))
    throw new UsageError(`--html ${name}: this file exists and is not a report: it would be overwritten`);
}

function isPage(name: string): boolean {
  const begin = Buffer.alloc(BEGIN.length);
  const file = fs.openSync(name, 'r');
  try {
    fs.readSync(file, begin);
  } finally {
    fs.closeSync(file);
  }
  return begin.toString() === BEGIN;
}
