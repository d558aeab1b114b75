import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root, stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { output } from '../output';
import { composed } from './compose';

const dockerfile = fs.readFileSync(path.join(stackFolder, 'Dockerfile'), 'utf8');
const ignored = fs.readFileSync(path.join(root, '.dockerignore'), 'utf8');

/** The files that the Dockerfile copies are enough for the build. Docker itself is not needed here. */
export function staticChecks(): Check[] {
  return [{ name: "Dockerfile: the copied files build each service's program", program: 'npm', run: built }];
}

async function built(): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-'));
  try {
    const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '));
    for (const name of copied) {
      if (!ignored.split('\n').includes(`!${name}`)) throw new Error(`.dockerignore excludes ${name}`);
      fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
    }
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    await output('npm', ['run', 'build', '--prefix', folder]);
    const programs = composed.flatMap(([, { build, command = [] }]) => (build === undefined ? [] : command));
    const missing = ['build/package/index.js', ...programs].filter((name) => !fs.existsSync(path.join(folder, name)));
    if (missing.length > 0 || programs.length === 0) throw new Error(`it has no ${missing.join(', no ')}`);
    return `${programs.length} programs of ${copied.length} files and folders`;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
