import { answerOf, ask, type Plan, start } from './pairs';
import { median } from './statistics';

const CONNECTIONS = 400;
const ROUNDS = 5;

/** Heap that an open, idle connection keeps, in bytes, without this package and with it; medians of fresh processes. */
export async function openConnectionBytes(): Promise<Record<string, { 'bytes a connection': number }>> {
  const plan: Plan = {
    scenario: { mode: 'http' },
    configurations: [],
    pairs: 1,
    warmUp: CONNECTIONS,
    slices: 1,
    sliceRequests: 1,
    concurrency: CONNECTIONS,
  };
  const upstream = start(plan, { role: 'upstream', configuration: 'bare' });
  const { port } = await answerOf(upstream);
  const result: Record<string, { 'bytes a connection': number }> = {};
  for (const configuration of ['peers', 'ours']) {
    const bytes: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      const child = start(plan, { role: 'measured', configuration, port });
      const { bytes: before = 0 } = await answerOf(child);
      const { bytes: after = 0 } = await ask(child, { requests: 0, heap: true });
      bytes.push((after - before) / CONNECTIONS);
      child.disconnect();
    }
    result[configuration] = { 'bytes a connection': Math.round(median(bytes)) };
  }
  upstream.disconnect();
  return result;
}
