import { answerOf, ask, type Plan, start } from './pairs';
import type { Configuration } from './scenario';
import { median } from './statistics';

const FEW = 200;
const MANY = 1_000;
const REQUESTS = 3_000;
const ROUNDS = 5;

/**
 * Heap that an open, idle connection keeps, in bytes, without this package and with it: what many connections keep
 * beyond few after as many requests, so that code and caches do not count. Medians of fresh processes.
 */
export async function openConnectionBytes(): Promise<Record<string, { 'bytes a connection': number }>> {
  const upstream = start(planOf(MANY), { role: 'upstream', configuration: 'bare' });
  const { port } = await answerOf(upstream);
  const result: Record<string, { 'bytes a connection': number }> = {};
  for (const configuration of ['peers', 'ours']) {
    const bytes: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      const few = await heapWith(FEW, configuration, port);
      bytes.push(((await heapWith(MANY, configuration, port)) - few) / (MANY - FEW));
    }
    result[configuration] = { 'bytes a connection': Math.round(median(bytes)) };
  }
  upstream.disconnect();
  return result;
}

function planOf(connections: number): Plan {
  return {
    scenario: { mode: 'http' },
    configurations: [],
    pairs: 1,
    warmUp: REQUESTS,
    slices: 1,
    sliceRequests: 1,
    concurrency: connections,
  };
}

async function heapWith(connections: number, configuration: Configuration, port: number | undefined): Promise<number> {
  const child = start(planOf(connections), { role: 'measured', configuration, port });
  await answerOf(child);
  const { bytes = Number.NaN } = await ask(child, { requests: 0, heap: true });
  child.disconnect();
  return bytes;
}
