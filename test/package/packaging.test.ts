import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../src/version';
import { root } from '../support/root';

const NAME = 'opentelemetry-instrumentation-socket';
const MAX_TARBALL_BYTES = 40_000;
const PUBLIC_NAMES = ['SocketInstrumentation', 'socketFailureOf'];

interface Pack {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

let scratch: string;
let consumer: string;
let pack: Pack;

/** The folder of an installed package, as a module in `from` would find it. */
function folderOf(name: string, from: string): string {
  const found = createRequire(path.join(from, 'index.js')).resolve.paths(name) ?? [];
  const folder = found.map((modules) => path.join(modules, name)).find((candidate) => fs.existsSync(candidate));
  assert.ok(folder, `${name} is not installed`);
  return folder;
}

/** Copies a package and its dependencies, nested ones included, to where npm would have put them: no network needed. */
function install(name: string, from: string, seen = new Set<string>()): void {
  const source = folderOf(name, from);
  if (seen.has(source)) return;
  seen.add(source);
  const isNested = source.split(`${path.sep}node_modules${path.sep}`).length > 2;
  if (!isNested) fs.cpSync(source, path.join(consumer, 'node_modules', name), { recursive: true });
  const { dependencies = {} } = JSON.parse(fs.readFileSync(path.join(source, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) install(dependency, source, seen);
}

function write(file: string, text: string): string {
  fs.writeFileSync(path.join(consumer, file), text);
  return file;
}

/** Runs Node in the consumer's folder; returns what it printed, and fails if it complained. */
function run(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: consumer, encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout.trim();
}

before(() => {
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'packaging-')));
  consumer = path.join(scratch, 'consumer');
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch];
  const [packed]: Pack[] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }));
  assert.ok(packed);
  pack = packed;

  const installed = path.join(consumer, 'node_modules', NAME);
  fs.mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', path.join(scratch, pack.filename), '--strip-components=1', '-C', installed]);
  write('package.json', JSON.stringify({ private: true, dependencies: { [NAME]: '*', '@opentelemetry/api': '*' } }));
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(installed, 'package.json'), 'utf8'));
  for (const name of ['@opentelemetry/api', ...Object.keys(dependencies)]) install(name, root);
});

after(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** The declarations that a compiler reads, starting from one. */
function reachableFrom(declaration: string, seen = new Set<string>()): Set<string> {
  if (seen.has(declaration)) return seen;
  seen.add(declaration);
  const text = fs.readFileSync(path.join(root, declaration), 'utf8');
  for (const [, specifier = ''] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)/g)) {
    reachableFrom(path.join(path.dirname(declaration), `${specifier}.d.ts`), seen);
  }
  return seen;
}

test('the tarball holds what a user needs and nothing else', () => {
  const packed = pack.files.map((file) => file.path).sort();
  const isCode = (file: string) => file.startsWith('build/');
  assert.deepEqual(
    packed.filter((file) => !isCode(file)),
    ['LICENSE', 'README.md', 'package.json'],
  );

  const modules = ['build/package/index.js', 'build/package/register.js'];
  const declarations = reachableFrom('build/src/register.d.ts', reachableFrom('build/src/index.d.ts'));
  assert.deepEqual(packed.filter(isCode), [...modules, ...declarations].sort());
});

test('the tarball, as npm run build makes it, is smaller than 40 kB', () => {
  assert.ok(pack.size < MAX_TARBALL_BYTES, `${pack.size} bytes`);
});

test('the version in the code is that of the package', () => {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  assert.equal(PACKAGE_VERSION, version);
  assert.equal(PACKAGE_NAME, NAME);
});

test('an install brings the OpenTelemetry instrumentation base, shimmer and what these need, no more', () => {
  const listing = execFileSync('npm', ['ls', '--all', '--omit=dev', '--json'], {
    cwd: consumer,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  const { dependencies, problems } = JSON.parse(listing);
  assert.equal(problems, undefined);
  const own = Object.keys(dependencies[NAME].dependencies).filter((name) => name !== '@opentelemetry/api');
  assert.deepEqual(own.sort(), ['@opentelemetry/instrumentation', 'shimmer']);
});

test('require and import give the same exports, by name', () => {
  const names = JSON.parse(run('-p', `JSON.stringify(Object.keys(require('${NAME}')).sort())`)) as string[];
  for (const name of PUBLIC_NAMES) assert.ok(names.includes(name), name);
  const surprises = names.filter((name) => !PUBLIC_NAMES.includes(name) && !/^(ATTR|METRIC)_[A-Z_]+$/.test(name));
  assert.deepEqual(surprises, []);

  const file = write(
    'named.mjs',
    `import { createRequire } from 'node:module';
     import { ${names.join(', ')} } from '${NAME}';
     const required = createRequire(import.meta.url)('${NAME}');
     const imported = { ${names.join(', ')} };
     console.log(Object.keys(imported).every((name) => imported[name] === required[name]));`,
  );
  assert.equal(run(file), 'true');
});

for (const flag of ['--require', '--import']) {
  test(`${flag} ${NAME}/register installs the instrumentation and lets the program end`, () => {
    const observers = `globalThis[Symbol.for('${NAME}/1')]?.observations.get('httpClient')?.reporters.length`;
    assert.equal(run(flag, `${NAME}/register`, '-p', observers), '1');
    assert.equal(run('-p', observers), 'undefined');
  });
}

for (const [file, module, moduleResolution] of [
  ['program.cts', 'node16', 'node16'],
  ['program.mts', 'node16', 'node16'],
  ['program.ts', 'esnext', 'bundler'],
] as const) {
  test(`the types resolve in ${file}, module resolution ${moduleResolution}`, () => {
    write(
      file,
      `import { ATTR_SOCKET_FAILURE_KIND, ATTR_SOCKET_REUSE_COUNT, SocketInstrumentation, socketFailureOf } from '${NAME}';
       import type { ConnectionFacts, SocketFailure, SocketInstrumentationConfig } from '${NAME}';
       import '${NAME}/register';
       const config: SocketInstrumentationConfig = { detail: 'full', failureHook: (span, { retrySafe }) => void span.setAttribute('safe', retrySafe ?? false) };
       export const instrumentation: { disable(): void } = new SocketInstrumentation(config);
       export const failure: SocketFailure | undefined = socketFailureOf(new Error());
       export const idleMs = (facts: ConnectionFacts): number | undefined => facts.idleMs;
       export const names: string[] = [ATTR_SOCKET_FAILURE_KIND, ATTR_SOCKET_REUSE_COUNT];
       // @ts-expect-error: not an option
       export const wrong: SocketInstrumentationConfig = { detail: 'some' };`,
    );
    const tsc = path.join(folderOf('typescript', root), 'bin/tsc');
    const types = ['--typeRoots', path.dirname(folderOf('@types/node', root)), '--types', 'node'];
    const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--ignoreConfig', '--target', 'es2022'];
    const resolution = ['--module', module, '--moduleResolution', moduleResolution];
    const { stdout, status } = spawnSync(process.execPath, [tsc, ...strict, ...resolution, ...types, file], {
      cwd: consumer,
      encoding: 'utf8',
    });
    assert.equal(stdout, '');
    assert.equal(status, 0);
  });
}
