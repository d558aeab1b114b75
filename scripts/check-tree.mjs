import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

// node scripts/check-tree.mjs [ROOT]: fails on a conflict marker, and on a file of over 1 MiB, in what git tracks.
const root = path.resolve(process.argv[2] ?? '.');
const MARKER = /^(<{7}|={7}|>{7})( |$)/;
const MAX_BYTES = 1024 * 1024;

/** What is wrong with one file, a line for each fault. */
function faultsOf(name) {
  const stat = fs.lstatSync(path.join(root, name), { throwIfNoEntry: false });
  if (!stat?.isFile()) return [];
  if (stat.size > MAX_BYTES) return [`${name}: ${stat.size} bytes, more than 1 MiB`];
  const lines = fs.readFileSync(path.join(root, name), 'latin1').split(/\r?\n/);
  return lines.flatMap((line, i) => (MARKER.test(line) ? [`${name}:${i + 1}: conflict marker ${line}`] : []));
}

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
const faults = tracked.flatMap(faultsOf);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${tracked.length} files: no conflict marker, none over 1 MiB`);
