import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { root } from '../support/root';
import { folderOf } from './consumer';

/** A clone without `build/`: what packing needs of the repository, and the packages that are installed. */
const clone = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'packing-')));
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const NEEDED = ['package.json', 'tsconfig.json', 'tsconfig.package.json', 'rollup.config.mjs', 'src', 'docs'];
for (const name of [...NEEDED, 'README.md', 'CHANGELOG.md', 'LICENSE']) {
  const source = path.join(root, name);
  if (fs.existsSync(source)) fs.cpSync(source, path.join(clone, name), { recursive: true });
}
fs.symlinkSync(path.dirname(folderOf('typescript')), path.join(clone, 'node_modules'));
fs.writeFileSync(path.join(clone, '.gitignore'), 'node_modules\nbuild/\n*.tgz\n');
execFileSync('git', ['init', '--quiet'], { cwd: clone });

after(() => fs.rmSync(clone, { recursive: true, force: true }));

function built(): string[] {
  const build = path.join(clone, 'build');
  return fs.existsSync(build) ? fs.readdirSync(build, { recursive: true, encoding: 'utf8' }) : [];
}

function checkPackage(tarball: string): { readonly passed: boolean; readonly said: string[] } {
  const args = [path.join(root, 'scripts/check-package.mjs'), tarball, clone];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { passed: status === 0, said: stderr.split('\n').filter(Boolean) };
}

test('the check of the package passes, makes the tarball, and builds nothing in the tree', () => {
  const tarball = path.join(clone, 'checked.tgz');
  assert.deepEqual(checkPackage(tarball), { passed: true, said: [] });
  assert.ok(fs.statSync(tarball).size > 0);
  assert.deepEqual(built(), []);
});

test('a wrong list of files fails the check of the package, which names what is missing and what is too much', () => {
  const files = [...manifest.files.filter((name: string) => name !== 'src'), 'tsconfig.json'];
  const file = path.join(clone, 'package.json');
  fs.writeFileSync(file, JSON.stringify({ ...manifest, files }));
  const { passed, said } = checkPackage(path.join(clone, 'wrong.tgz'));
  fs.writeFileSync(file, JSON.stringify(manifest));
  assert.equal(passed, false);
  assert.ok(said.includes('src/index.ts is missing in the package'), said.join('\n'));
  assert.ok(said.includes('tsconfig.json does not belong in the package'), said.join('\n'));
  assert.ok(said.every((line) => line.startsWith('src/') || line.startsWith('tsconfig.json ')));
});

test("npm pack --silent in a fresh clone builds first, and prints the tarball's name and nothing else", () => {
  const args = ['pack', '--silent', '--pack-destination', clone];
  const name = `${manifest.name}-${manifest.version}.tgz`;
  assert.equal(execFileSync('npm', args, { cwd: clone, encoding: 'utf8', stdio: 'pipe' }), `${name}\n`);
  const listing = execFileSync('tar', ['-tzf', path.join(clone, name)], { encoding: 'utf8' }).split('\n');
  for (const file of ['index.js', 'index.js.map', 'register.js', 'index.d.ts', 'index.d.ts.map']) {
    assert.ok(listing.includes(`package/build/package/${file}`), file);
  }
});
