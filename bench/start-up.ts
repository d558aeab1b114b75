import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { median } from './statistics';

const root = path.resolve(__dirname, '../..');
const BASE = "require('@opentelemetry/instrumentation');";
const OURS = `${BASE} new (require('opentelemetry-instrumentation-socket').SocketInstrumentation)();`;

/** How long a fresh process takes to load `@opentelemetry/instrumentation` alone, and with this package, ms. */
export function startUp(pairs: number): Record<string, { ms: string; 'added ms': string }> {
  const times: Record<'alone' | 'ours', number[]> = { alone: [], ours: [] };
  for (let i = 0; i < pairs; i += 1) {
    const order = i % 2 === 0 ? (['alone', 'ours'] as const) : (['ours', 'alone'] as const);
    for (const name of order) times[name].push(loadMs(name === 'ours' ? OURS : BASE));
  }
  const added = median(times.ours.map((ms, i) => ms - (times.alone[i] ?? Number.NaN)));
  return {
    alone: { ms: median(times.alone).toFixed(1), 'added ms': '' },
    ours: { ms: median(times.ours).toFixed(1), 'added ms': added.toFixed(1) },
  };
}

/** Measured inside the process: how long Node itself takes to start is no part of it. */
function loadMs(code: string): number {
  const script = `const startMs = performance.now(); ${code} console.log(performance.now() - startMs); process.exit();`;
  return Number(execFileSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' }));
}
