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

const RETRIED_FOR_MS = 60_000;

/** Repeats `run` until it does not throw or the time is up, because the shop and the exporters need some time. */
export async function retried(run: () => Promise<string>, everyMs = 500): Promise<string> {
  const end = performance.now() + RETRIED_FOR_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(everyMs);
    }
  }
}
