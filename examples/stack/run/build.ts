import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { binaries, root, stackFolder } from './paths';

/*
 * `npm run stack:build`: builds the Collector and Jaeger from source with Go, into .cache/stack/bin. Does nothing if
 * they are already there, built from the same recipe.
 */

interface Program {
  readonly name: string;
  readonly target: string;
  /** The text that determines the build. A program whose recipe has changed is built again. */
  readonly recipe: string;
  /** Writes a Go module into the empty folder. */
  write(folder: string): Promise<void>;
  readonly main: string;
  readonly ldflags: string;
}

const PROGRESS_EVERY_MS = 10_000;
const STEPS: Readonly<Record<string, string>> = {
  install: 'building the builder',
  mod: 'downloading modules',
  build: 'compiling',
};
const OLDEST_GO = [1, 25] as const;
const JAEGER = 'github.com/jaegertracing/jaeger';
const JAEGER_VERSION = 'v1.62.0';
const manifestFile = path.join(stackFolder, 'collector/builder.yaml');
const manifest = fs.readFileSync(manifestFile, 'utf8');
const { dist, ...parts }: Manifest = parse(manifest);

interface Manifest {
  readonly dist: { readonly version: string };
  readonly [part: string]: readonly { readonly gomod: string }[] | object;
}

const collector: Program = {
  name: `OpenTelemetry Collector ${dist.version}`,
  target: binaries.collector,
  recipe: manifest,
  main: '.',
  ldflags: '-s -w',
  async write(folder) {
    const tool = `go.opentelemetry.io/collector/cmd/builder@v${dist.version}`;
    const tools = path.join(folder, '../tools');
    await go(folder, ['install', tool], { GOBIN: tools });
    fs.writeFileSync(
      path.join(folder, '../builder.yaml'),
      manifest.replace('dist:', `dist:\n  output_path: ${folder}`),
    );
    // The builder would stop at a dependency of a component's tests: it only writes the sources, and we compile them.
    const flags = ['--config=../builder.yaml', '--skip-get-modules', '--skip-compilation'];
    await run(path.join(tools, 'builder'), flags, folder);
    const components = Object.values(parts as Record<string, { gomod: string }[]>).flat();
    const modules = [...components.map(({ gomod }) => gomod), `go.opentelemetry.io/collector/otelcol v${dist.version}`];
    writeModule(folder, 'otelcol', modules);
    await go(folder, ['mod', 'tidy', '-e']);
  },
};

const jaeger: Program = {
  name: `Jaeger ${JAEGER_VERSION.slice(1)}`,
  target: binaries.jaeger,
  recipe: `${JAEGER}@${JAEGER_VERSION}\n`,
  main: `${JAEGER}/cmd/all-in-one`,
  ldflags: `-s -w -X ${JAEGER}/pkg/version.latestVersion=${JAEGER_VERSION}`,
  async write(folder) {
    writeModule(folder, 'jaeger-all-in-one', [`${JAEGER} ${JAEGER_VERSION}`]);
    const tools = `//go:build tools\n\npackage tools\n\nimport _ "${JAEGER}/cmd/all-in-one"\n`;
    fs.writeFileSync(path.join(folder, 'tools.go'), tools);
    await go(folder, ['mod', 'tidy', '-e']);
  },
};

function writeModule(folder: string, name: string, modules: readonly string[]): void {
  const requires = modules.map((module) => `\t${module}\n`).join('');
  const text = `module ${name}\n\ngo ${OLDEST_GO.join('.')}.0\n\nrequire (\n${requires})\n`;
  fs.writeFileSync(path.join(folder, 'go.mod'), text);
}

/** Builds what is missing; `onLine` gets a line about each step. */
export async function build(onLine: (line: string) => void): Promise<void> {
  if (![collector, jaeger].every(isBuilt))
    onLine("The first build of both programs takes 5 to 9 minutes on 2 cores; with Go's caches less than one.");
  for (const program of [collector, jaeger]) {
    const { name, target } = program;
    const place = path.relative(root, target);
    if (isBuilt(program)) onLine(`${name}: already built, ${place}`);
    else {
      checkGo();
      const startMs = performance.now();
      onLine(`${name}: fetching modules and compiling`);
      await make(program, onLine);
      onLine(`${name}: built in ${Math.round((performance.now() - startMs) / 1_000)} s, ${place}`);
    }
  }
}

function isBuilt({ target, recipe }: Program): boolean {
  const stamp = `${target}.recipe`;
  return fs.existsSync(target) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === recipe;
}

async function make({ target, recipe, write, main, ldflags }: Program, onLine: (line: string) => void): Promise<void> {
  const bin = path.dirname(target);
  fs.mkdirSync(bin, { recursive: true });
  const scratch = fs.mkdtempSync(path.join(bin, '../build-'));
  const removeScratch = () => fs.rmSync(scratch, { recursive: true, force: true });
  process.once('exit', removeScratch);
  const startMs = performance.now();
  const progress = setInterval(() => {
    onLine(`  ${step} (${Math.round((performance.now() - startMs) / 1_000)} s so far)`);
  }, PROGRESS_EVERY_MS);
  try {
    const folder = path.join(scratch, 'module');
    fs.mkdirSync(folder);
    await write(folder);
    const made = path.join(scratch, 'made');
    await go(folder, ['build', '-trimpath', `-ldflags=${ldflags}`, '-o', made, main], { CGO_ENABLED: '0' });
    fs.renameSync(made, target);
    fs.writeFileSync(`${target}.recipe`, recipe);
  } finally {
    clearInterval(progress);
    removeScratch();
    process.removeListener('exit', removeScratch);
  }
}

function checkGo(): void {
  const advice = `Install Go ${OLDEST_GO.join('.')} or later: https://go.dev/doc/install`;
  const { stdout, error } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`Go is not on the PATH. ${advice}`);
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
  if (major === OLDEST_GO[0] && minor < OLDEST_GO[1]) throw new Error(`${stdout.trim()} is too old. ${advice}`);
}

/** What the build is doing, in words. */
let step = '';

async function go(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  step = STEPS[args[0] ?? ''] ?? 'working';
  await run('go', args, folder, { GOFLAGS: '-buildvcs=false', GOWORK: 'off', ...env });
}

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      const lines = output.split('\n').filter((line) => !line.startsWith('go: downloading'));
      const what = [path.basename(command), ...args].join(' ');
      reject(new Error(`${what} ended with ${signal ?? code}:\n${lines.slice(-20).join('\n')}`));
    });
  });
}

if (require.main === module) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  build(console.log).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
