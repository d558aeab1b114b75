import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { root } from '../support/root';

export const NAME = 'opentelemetry-instrumentation-socket';

export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

interface Pack {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly PackedFile[];
}

/** The folder of an installed package, as a module in `from` would find it. */
export function folderOf(name: string, from = root): string {
  const found = createRequire(path.join(from, 'index.js')).resolve.paths(name) ?? [];
  const folder = found.map((modules) => path.join(modules, name)).find((candidate) => fs.existsSync(candidate));
  assert.ok(folder, `${name} is not installed`);
  return folder;
}

/** A folder of a user who installed what `npm run build` has made. */
export class Consumer {
  readonly folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'consumer-')));
  readonly installed = path.join(this.folder, 'node_modules', NAME);
  readonly pack: Pack;

  constructor() {
    // Without scripts: prepack would build anew beneath the tests that run beside this one.
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', this.folder];
    const [packed]: Pack[] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }));
    assert.ok(packed);
    this.pack = packed;
    fs.mkdirSync(this.installed, { recursive: true });
    const tarball = path.join(this.folder, packed.filename);
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', this.installed]);
    this.write(
      'package.json',
      JSON.stringify({ private: true, dependencies: { [NAME]: '*', '@opentelemetry/api': '*' } }),
    );
    const { dependencies } = JSON.parse(this.read('package.json'));
    for (const name of ['@opentelemetry/api', ...Object.keys(dependencies)]) this.#install(name, root, new Set());
  }

  /** Copies a package and its dependencies, nested ones included, to where npm would have put them: no network needed. */
  #install(name: string, from: string, seen: Set<string>): void {
    const source = folderOf(name, from);
    if (seen.has(source)) return;
    seen.add(source);
    const isNested = source.split(`${path.sep}node_modules${path.sep}`).length > 2;
    if (!isNested) fs.cpSync(source, path.join(this.folder, 'node_modules', name), { recursive: true });
    const { dependencies = {} } = JSON.parse(fs.readFileSync(path.join(source, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(dependencies)) this.#install(dependency, source, seen);
  }

  /** A file of the installed package. */
  read(file: string): string {
    return fs.readFileSync(path.join(this.installed, file), 'utf8');
  }

  /** Writes a program of the user, and returns its name. */
  write(file: string, text: string): string {
    fs.writeFileSync(path.join(this.folder, file), text);
    return file;
  }

  /** Runs Node in the folder; returns what it printed, and fails if it complained. */
  run(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: this.folder, encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
    return stdout.trim();
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
