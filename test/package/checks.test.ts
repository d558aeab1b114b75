import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { root } from '../support/root';

const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const OWNER = { repository: 'R', bugs: { url: 'B' }, homepage: 'H', author: { name: 'A' } };
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'checks-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Writes files and has git track them. */
function track(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  execFileSync('git', ['add', '--force', '--all'], { cwd: folder });
}

/** What a script of `scripts/` says about the folder. */
function check(script: string): { readonly passed: boolean; readonly said: string[] } {
  const file = path.join(root, 'scripts', script);
  const { status, stderr } = spawnSync(process.execPath, [file, folder], { encoding: 'utf8' });
  return { passed: status === 0, said: stderr.split('\n').filter(Boolean) };
}

test('npm run check looks at the tree and at the package, and never publishes', () => {
  for (const script of ['check-tree.mjs', 'check-package.mjs'])
    assert.match(scripts.check, RegExp(`scripts/${script}`));
  const texts = fs.readdirSync(path.join(root, 'scripts')).map((name) => {
    return fs.readFileSync(path.join(root, 'scripts', name), 'utf8');
  });
  for (const text of [scripts.check, ...texts]) assert.doesNotMatch(text, /'publish'|npm publish/);
});

for (const marker of ['<'.repeat(7), '='.repeat(7), '>'.repeat(7)]) {
  test(`a tracked file with the conflict marker ${marker} fails the check, by line`, () => {
    track({
      'a.md': `one\n${marker}\ntwo\r\n${marker} main\r\n`,
      'b.md': ` ${marker}\n${marker}x\n${marker[0]}${marker}\n`,
    });
    assert.deepEqual(check('check-tree.mjs'), {
      passed: false,
      said: [`a.md:2: conflict marker ${marker}`, `a.md:4: conflict marker ${marker} main`],
    });
  });
}

test('a tracked file of over 1 MiB fails the check; one of 1 MiB, and one that git does not track, pass', () => {
  const mebibyte = 'x'.repeat(2 ** 20);
  track({ 'just.txt': mebibyte });
  fs.writeFileSync(path.join(folder, 'untracked.txt'), `${mebibyte}x`);
  assert.deepEqual(check('check-tree.mjs'), { passed: true, said: [] });
  track({ 'more.txt': `${mebibyte}x` });
  fs.rmSync(path.join(folder, 'just.txt'));
  const { passed, said } = check('check-tree.mjs');
  assert.equal(passed, false);
  assert.ok(said.includes('more.txt: 1048577 bytes, more than 1 MiB'), said.join('\n'));
});

test('prepublishOnly refuses while package.json does not say whose it is and where, and names what is missing', () => {
  assert.equal(scripts.prepublishOnly, 'node scripts/check-publishable.mjs');
  const said = (manifest: object) => {
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    return check('check-publishable.mjs');
  };
  assert.deepEqual(said(OWNER), { passed: true, said: [] });
  for (const name of Object.keys(OWNER)) {
    for (const empty of [undefined, ' ', {}, { url: '' }]) {
      const { passed, said: lines } = said({ ...OWNER, [name]: empty });
      assert.equal(passed, false);
      assert.match(lines.join('\n'), RegExp(`package\\.json has no ${name}; RELEASING\\.md`));
    }
  }
  assert.match(said({}).said.join('\n'), /has no repository, no bugs, no homepage, no author;/);
});

test('the workflow runs each part of .ci/run, and no other', () => {
  const read = (name: string) => fs.readFileSync(path.join(root, name), 'utf8');
  const parts = /^PARTS=\((.+)\)$/m.exec(read('.ci/run'))?.[1]?.split(' ');
  assert.ok(parts && parts.length > 5, String(parts));
  assert.deepEqual(/^ +part: \[(.+)\]$/m.exec(read('.github/workflows/ci.yml'))?.[1]?.split(', '), parts);
});
