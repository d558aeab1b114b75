import { test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../src/index';
import { isIgnored, startTruthSdk, truthRun } from './truth-run';

startTruthSdk();
new UndiciInstrumentation({ ignoreRequestHook: ({ path }) => isIgnored(path) });
new SocketInstrumentation({ detail: 'full' });

const undici: { Agent: new (options: object) => { destroy(): Promise<void> }; fetch: typeof fetch } =
  require('undici7');

/** Node's own fetch, and a copy that may hold four connections to an origin. */
for (const [name, make, count, connections] of [
  ["Node's fetch", fetch, 10_000, 0],
  ['fetch of undici 7, four connections to an origin', undici.fetch, 10_000, 4],
] as const) {
  test(`10,000 calls of ${name}: every span tells what the servers saw`, { timeout: 120_000 }, async () => {
    const dispatcher = connections === 0 ? undefined : new undici.Agent({ connections });
    await truthRun(count, 20_261_124, async ({ url, method, body, abortMs }) => {
      const controller = new AbortController();
      if (abortMs !== undefined) setTimeout(() => controller.abort(), abortMs);
      const options = { method, signal: controller.signal, ...(body === undefined ? {} : { body }) };
      const response = await make(url, dispatcher === undefined ? options : Object.assign(options, { dispatcher }));
      await response.text();
    });
    await dispatcher?.destroy();
  });
}
