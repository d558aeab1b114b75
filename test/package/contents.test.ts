import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../src/version';
import { root } from '../support/root';
import { filesBelow } from '../support/test-files';
import { Consumer, NAME, type PackedFile } from './consumer';

/** What is in the package, in the order in which it is printed. */
const KINDS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['JavaScript', /^build\/package\/.*\.js$/],
  ['source maps', /^build\/package\/.*\.js\.map$/],
  ['declarations', /^build\/package\/.*\.d\.ts$/],
  ['declaration maps', /^build\/package\/.*\.d\.ts\.map$/],
  ['sources', /^src\//],
  ['texts', /^(LICENSE|package\.json|(README|CHANGELOG|docs\/.*)\.md)$/],
];

const consumer = new Consumer();
const paths = consumer.pack.files.map((file) => file.path).sort();

after(() => consumer.remove());

/** "index.js 176.0 kB" of a few files, "58 files, 212.7 kB" of many. */
function listed(files: readonly PackedFile[]): string {
  const kB = (of: readonly PackedFile[]) => `${(of.reduce((sum, { size }) => sum + size, 0) / 1000).toFixed(1)} kB`;
  if (files.length > 6) return `${files.length} files, ${kB(files)}`;
  return files.map((file) => `${path.basename(file.path)} ${kB([file])}`).join(', ');
}

test('the package holds JavaScript, declarations, their maps, sources and texts, and nothing else', (context) => {
  const { size, unpackedSize, files } = consumer.pack;
  context.diagnostic(
    `${files.length} files, ${(size / 1000).toFixed(1)} kB packed, ${(unpackedSize / 1000).toFixed(1)} kB`,
  );
  for (const [kind, pattern] of KINDS) {
    const found = files.filter((file) => pattern.test(file.path));
    context.diagnostic(`${kind}: ${listed(found)}`);
    assert.ok(found.length > 0, kind);
  }
  assert.deepEqual(
    paths.filter((file) => !KINDS.some(([, pattern]) => pattern.test(file))),
    [],
  );
});

test('the package holds every source and a declaration for each', () => {
  const sources = filesBelow('src', '.ts');
  assert.deepEqual(
    paths.filter((file) => file.startsWith('src/') && file.endsWith('.ts')),
    sources,
  );
  assert.deepEqual(
    paths.filter((file) => file.endsWith('.d.ts')),
    sources.map((file) => file.replace(/^src(.*)\.ts$/, 'build/package$1.d.ts')).sort(),
  );
});

test('what a program loads takes one byte a character: V8 stores a text with any other character in two', () => {
  for (const file of paths.filter((name) => /^build\/package\/[^/]*\.js$/.test(name))) {
    const [first] = consumer.read(file).match(/.*[^\0-\xff].*/) ?? [];
    assert.equal(first, undefined, file);
  }
});

test('every file that package.json names as an entry is in the package', () => {
  const { main, types, exports, bin = {}, sideEffects } = JSON.parse(consumer.read('package.json'));
  const exported = Object.values<string | Record<string, string>>(exports);
  const files = exported.flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)));
  const entries: string[] = [main, types, ...files, ...Object.values<string>(bin), ...sideEffects];
  assert.ok(entries.length >= 8, entries.join(', '));
  for (const file of entries) assert.ok(paths.includes(path.posix.normalize(file)), file);
});

test('the version in the code is that of the package', () => {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  assert.equal(PACKAGE_VERSION, version);
  assert.equal(PACKAGE_NAME, NAME);
});

test('the licence is whole and names its holder', () => {
  const license = consumer.read('LICENSE');
  for (const part of ['TERMS AND CONDITIONS', 'END OF TERMS AND CONDITIONS', 'APPENDIX: How to apply']) {
    assert.ok(license.includes(part), part);
  }
  assert.match(license, /^ +Copyright \d{4} The opentelemetry-instrumentation-socket authors$/m);
});

test('an install brings the OpenTelemetry instrumentation base, shimmer and what these need, no more', () => {
  const args = ['ls', '--all', '--omit=dev', '--json'];
  const listing = execFileSync('npm', args, { cwd: consumer.folder, encoding: 'utf8', stdio: 'pipe' });
  const { dependencies, problems } = JSON.parse(listing);
  assert.equal(problems, undefined);
  const own = Object.keys(dependencies[NAME].dependencies).filter((name) => name !== '@opentelemetry/api');
  assert.deepEqual(own.sort(), ['@opentelemetry/instrumentation', 'shimmer']);
});
