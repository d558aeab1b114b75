import fs from 'node:fs';
import path from 'node:path';
import { root } from './root';

/** The files below `folder` (relative to the repository) whose names end in `ending`, relative to the repository, sorted. */
export function filesBelow(folder: string, ending: string): string[] {
  const names = fs.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
  const found = names.filter((name) => name.endsWith(ending) && !name.split(path.sep).includes('node_modules'));
  return found.map((name) => path.join(folder, name)).sort();
}

/** Most tests wait most of the time: one file at a time, which is Node's choice on two processors, leaves both idle. */
export const FILES_AT_ONCE = 2;

const SLOW = '.slow.test.js';

/** The compiled test files of `npm test`. Node 20 expands no globs, and sh does not know `**`. */
export function compiledTests(): string[] {
  return filesBelow('build/test', '.test.js').filter((file) => !file.endsWith(SLOW));
}

/** Those of `npm run test:slow`: files with tests that take longer than a second. */
export function slowTests(): string[] {
  return filesBelow('build/test', SLOW);
}
