import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

// node scripts/demo.mjs [--all | --fixed]: builds the package and the demo, nothing else, and plays the demo.
const require = createRequire(import.meta.url);
const tsc = 'node_modules/typescript/bin/tsc';
const rollup = 'node_modules/rollup/dist/bin/rollup';

function run(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${args.join(' ')}: code ${code}`))));
  });
}

async function bundle() {
  await run(tsc, '-p', 'tsconfig.package.json');
  await run(rollup, '--silent', '--config');
}

const { stderr } = process;
const startedMs = performance.now();
const seconds = () => Math.round((performance.now() - startedMs) / 1_000);
const show = () => stderr.write(`\r\u001b[KBuilding the package and the demo: about 5 s, ${seconds()} s so far`);
if (stderr.isTTY) show();
else stderr.write('Building the package and the demo: about 5 s\n');
const timer = stderr.isTTY ? setInterval(show, 500) : undefined;
try {
  await Promise.all([run(tsc, '-p', 'tsconfig.demo.json'), bundle()]);
} catch (error) {
  stderr.write(`\n${error.message}\n`);
  process.exit(1);
}
clearInterval(timer);
if (stderr.isTTY) stderr.write('\r\u001b[K');
process.argv[1] = require.resolve('../build/examples/quickstart/demo.js');
require(process.argv[1]);
