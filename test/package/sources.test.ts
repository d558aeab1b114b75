import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Consumer, NAME } from './consumer';
import { LanguageServer } from './language-server';
import type { Stop } from './step-into';

const consumer = new Consumer();
const paths = consumer.pack.files.map((file) => file.path);
/** What the entries are made of; a command is on its own. */
const bundles = ['index.js', 'register.js', 'shared.js'].map((name) => `build/package/${name}`);

after(() => consumer.remove());

/** The lines of a file of the package from the doc comment above `line` (from 1) to that line itself. */
function withComment(file: string, line: number): string {
  const lines = consumer.read(file).split('\n').slice(0, line);
  const start = lines.findLastIndex((text) => text.startsWith('/**'));
  assert.notEqual(start, -1, `${file}:${line} has no comment above it`);
  return lines.slice(start).join('\n');
}

/** Asserts that a person who is led to this place sees the documented function or class. */
function assertReadable(file: string, line: number, declaration: RegExp): void {
  const shown = withComment(file, line);
  assert.match(shown, /^\/\*\*\n \* [A-Z].*\w/);
  assert.match(shown, declaration);
  assert.ok(shown.split('\n').length < 40, `${file}:${line} is far from what it documents`);
}

function mapOf(file: string): SourceMap {
  return new SourceMap(JSON.parse(consumer.read(`${file}.map`)) as SourceMapPayload);
}

/** The file of the package that a source of a map is, and the line (from 1) there. */
function original(map: SourceMap, file: string, line: number, column: number): { file: string; line: number } {
  const entry = map.findEntry(line, column);
  assert.ok('originalSource' in entry, `${file}:${line + 1} is not mapped`);
  return { file: path.posix.join(path.posix.dirname(file), entry.originalSource), line: entry.originalLine + 1 };
}

test('every file of JavaScript and every declaration has a map, and all sources of the maps are in the package', () => {
  const mapped = paths.filter((file) => /^build\/.*(\.js|\.d\.ts)$/.test(file));
  assert.ok(mapped.length > 50, `${mapped.length} files`);
  for (const file of mapped) {
    assert.match(consumer.read(file), RegExp(`^//# sourceMappingURL=${path.basename(file)}\\.map\\s*$`, 'm'), file);
    const { sources, mappings } = mapOf(file).payload;
    assert.ok(sources.length > 0 && (mappings.length > 0 || /^export \{\};$/m.test(consumer.read(file))), file);
    for (const source of sources) {
      const name = path.posix.join(path.posix.dirname(file), source);
      assert.ok(name.startsWith('src/') && paths.includes(name), `${file} comes from ${name}`);
    }
  }
});

test('each function and class of the JavaScript is there once, mapped to its source, with its comment', () => {
  const seen = new Set<string>();
  let documented = 0;
  for (const file of bundles) {
    const map = mapOf(file);
    const lines = consumer.read(file).split('\n');
    for (const [i, text] of lines.entries()) {
      // Rollup tells names of different modules apart by "$1".
      const [, keyword = '', name = ''] = /^((?:async )?function\*? |class )(\w+)/.exec(text) ?? [];
      if (name === '') continue;
      const source = original(map, file, i, keyword.length);
      const place = `${source.file}:${source.line}`;
      assert.ok(!seen.has(place), `${place} is in the package twice`);
      seen.add(place);
      const [above = '', line = ''] = consumer
        .read(source.file)
        .split('\n')
        .slice(source.line - 2, source.line);
      assert.match(line, RegExp(`\\b${name}\\b`), `${file}:${i + 1} is mapped to ${place}`);
      if (!above.endsWith('*/')) continue;
      documented += 1;
      assert.equal(lines[i - 1]?.trim().slice(-20), above.trim().slice(-20), `${file}:${i + 1} has lost its comment`);
    }
  }
  assert.ok(
    seen.size > 200 && documented > 100,
    `${seen.size} functions and classes, ${documented} of them documented`,
  );
});

for (const [flags, file] of [
  [[], /^build\/package\/\w+\.js$/],
  [['--enable-source-maps'], /^src\/socket-failure-of\.ts$/],
] as const) {
  test(`a stack frame leads to readable code with its comment: node ${flags.join(' ')}`, () => {
    const program = consumer.write(
      'stack.js',
      `const { socketFailureOf } = require('${NAME}');
       const error = new Error();
       Object.defineProperty(error, 'errors', { get() { console.log(new Error().stack); } });
       socketFailureOf(error);`,
    );
    const frames = consumer.run(...flags, program).split('\n');
    const frame = frames.find((text) => text.includes('at socketFailureOf '));
    const [, at = '', line = ''] = /\((?:file:\/\/)?(.*):(\d+):\d+\)$/.exec(frame ?? '') ?? [];
    assert.match(path.relative(consumer.installed, at), file, frames.join('\n'));
    assertReadable(path.relative(consumer.installed, at), Number(line), /\bfunction socketFailureOf\(/);
  });
}

test('a debugger that steps into socketFailureOf shows readable code with its comment, by its map as well', () => {
  const program = path.join(__dirname, 'step-into.js');
  const entry = path.join(consumer.installed, 'build/package/index.js');
  const { stdout, stderr } = spawnSync(process.execPath, [program, entry], { encoding: 'utf8', timeout: 60_000 });
  assert.notEqual(stdout, '', stderr);
  const stop: Stop = JSON.parse(stdout);
  const file = path.relative(consumer.installed, fileURLToPath(stop.url));
  assert.ok(bundles.includes(file), file);
  assertReadable(file, stop.line + 1, /\bfunction socketFailureOf\(/);
  assert.equal(stop.map, `${path.basename(file)}.map`);
  const source = original(mapOf(file), file, stop.line, stop.column);
  assert.equal(source.file, 'src/socket-failure-of.ts');
  assertReadable(source.file, source.line, /\bexport function socketFailureOf\(/);
});

test("an editor's jump to the definition of SocketInstrumentation ends in its source, with its comment", async () => {
  const config = { module: 'node16', moduleResolution: 'node16', strict: true, skipLibCheck: true, types: [] };
  consumer.write('tsconfig.json', JSON.stringify({ compilerOptions: config, files: ['program.ts'] }));
  const program = consumer.write(
    'program.ts',
    `import * as socket from '${NAME}';\nnew socket.SocketInstrumentation();\nsocket.socketFailureOf(0);\n`,
  );
  const editor = new LanguageServer(consumer.folder);
  try {
    await editor.open(program);
    for (const [name, file, declaration] of [
      ['SocketInstrumentation', 'src/instrumentation.ts', /\bexport class SocketInstrumentation /],
      ['socketFailureOf', 'src/socket-failure-of.ts', /\bexport function socketFailureOf\(/],
    ] as const) {
      const [place] = await editor.definition(program, name);
      assert.ok(place, name);
      assert.equal(fileURLToPath(place.uri), fs.realpathSync(path.join(consumer.installed, file)));
      assertReadable(file, place.range.start.line + 1, declaration);
    }
  } finally {
    await editor.stop();
  }
});
