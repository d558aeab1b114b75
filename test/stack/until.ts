import { setTimeout as sleep } from 'node:timers/promises';

/** Looks once a second until something is found; throws after `patienceMs`. */
export async function until<T>(what: string, patienceMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${patienceMs / 1_000} s`);
    await sleep(1_000);
  }
}
