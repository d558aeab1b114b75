import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { after, test } from 'node:test';
import { buildSync } from 'esbuild';
import { Consumer, folderOf, NAME } from './consumer';

const PUBLIC_NAMES = [
  'FAILURE_CAUSES',
  'FAILURE_CONFIDENCES',
  'FAILURE_KINDS',
  'FAILURE_PHASES',
  'RETRY_POINTLESS',
  'SocketInstrumentation',
  'socketFailureOf',
];
const consumer = new Consumer();

after(() => consumer.remove());

test('require and import give the same exports, by name', () => {
  const names = JSON.parse(consumer.run('-p', `JSON.stringify(Object.keys(require('${NAME}')).sort())`)) as string[];
  for (const name of PUBLIC_NAMES) assert.ok(names.includes(name), name);
  const surprises = names.filter((name) => !PUBLIC_NAMES.includes(name) && !/^(ATTR|METRIC)_[A-Z_]+$/.test(name));
  assert.deepEqual(surprises, []);

  const file = consumer.write(
    'named.mjs',
    `import { createRequire } from 'node:module';
     import { ${names.join(', ')} } from '${NAME}';
     const required = createRequire(import.meta.url)('${NAME}');
     const imported = { ${names.join(', ')} };
     console.log(Object.keys(imported).every((name) => imported[name] === required[name]));`,
  );
  assert.equal(consumer.run(file), 'true');
});

for (const flag of ['--require', '--import']) {
  test(`${flag} ${NAME}/register installs the instrumentation and lets the program end`, () => {
    const isObserved = "require('node:diagnostics_channel').hasSubscribers('undici:request:create')";
    assert.equal(consumer.run(flag, `${NAME}/register`, '-p', isObserved), 'true');
    assert.equal(consumer.run('-p', isObserved), 'false');
  });
}

test('a bundler keeps /register for its effect, and drops the package root when nothing of it is used', () => {
  const keepsCode = (entry: string): boolean => {
    const file = path.join(consumer.folder, consumer.write('bundled.mjs', `import '${entry}';`));
    const { outputFiles } = buildSync({
      entryPoints: [file],
      bundle: true,
      platform: 'node',
      write: false,
      logLevel: 'error',
    });
    return outputFiles.some(({ text }) => text.includes('function readEnvironment('));
  };
  assert.equal(keepsCode(`${NAME}/register`), true);
  assert.equal(keepsCode(NAME), false);
});

for (const [file, module, moduleResolution] of [
  ['program.cts', 'node16', 'node16'],
  ['program.mts', 'node16', 'node16'],
  ['program.ts', 'esnext', 'bundler'],
] as const) {
  test(`the types resolve in ${file}, module resolution ${moduleResolution}`, () => {
    consumer.write(
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
    const tsc = path.join(folderOf('typescript'), 'bin/tsc');
    const types = ['--typeRoots', path.dirname(folderOf('@types/node')), '--types', 'node'];
    const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--ignoreConfig', '--target', 'es2022'];
    const resolution = ['--module', module, '--moduleResolution', moduleResolution];
    const { stdout, status } = spawnSync(process.execPath, [tsc, ...strict, ...resolution, ...types, file], {
      cwd: consumer.folder,
      encoding: 'utf8',
    });
    assert.equal(stdout, '');
    assert.equal(status, 0);
  });
}
