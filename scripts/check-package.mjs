import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/*
 * node scripts/check-package.mjs TARBALL [ROOT]: packs a copy of the tree into TARBALL, as `npm pack` in a fresh clone
 * would, and fails if the list of its files is wrong. The copy is built, so that `build/` stays as it is under a test.
 */
const [target, root] = [process.argv[2], path.resolve(process.argv[3] ?? '.')];
if (target === undefined) throw new Error('check-package.mjs TARBALL [ROOT]');
const tarball = path.resolve(target);

/** The files of the working tree, less those that git ignores. */
function sources() {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const names = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  return names.filter((name) => fs.existsSync(path.join(root, name)));
}

/** Builds and packs once; returns what npm says about the tarball. */
function pack(names) {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'package-'));
  try {
    for (const name of names) fs.cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    const args = ['pack', '--json', '--foreground-scripts=false', '--loglevel=error', '--pack-destination', copy];
    const [packed] = JSON.parse(execFileSync('npm', args, { cwd: copy, encoding: 'utf8' }));
    fs.mkdirSync(path.dirname(tarball), { recursive: true });
    fs.copyFileSync(path.join(copy, packed.filename), tarball);
    return packed;
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
}

/** What a user needs: sources, a declaration of each, a file for each entry and one that they share, all maps, and the texts. */
function wanted(names) {
  const { exports, bin = {} } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const entries = [...Object.values(exports).map((entry) => entry.default), ...Object.values(bin)].filter(Boolean);
  const bundles = [...entries.map((entry) => path.posix.normalize(entry)), 'build/package/shared.js'];
  const code = names.filter((name) => name.startsWith('src/'));
  const declarations = code
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replace(/^src(.*)\.ts$/, 'build/package$1.d.ts'))
    .flatMap((file) => [file, `${file}.map`]);
  const texts = names.filter((name) => /^docs\/.*\.md$/.test(name));
  return [
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
    'package.json',
    ...texts,
    ...code,
    ...declarations,
    ...bundles,
    ...bundles.map((file) => `${file}.map`),
  ];
}

const names = sources();
const packed = pack(names);
const found = new Set(packed.files.map((file) => file.path));
const expected = new Set(wanted(names));
const faults = [
  ...[...expected].filter((name) => !found.has(name)).map((name) => `${name} is missing in the package`),
  ...[...found].filter((name) => !expected.has(name)).map((name) => `${name} does not belong in the package`),
];
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`package: ${found.size} files, ${packed.size} bytes packed, ${packed.unpackedSize} bytes unpacked`);
