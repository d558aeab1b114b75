import { test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { isIgnored, startTruthSdk, truthRun } from './truth-run';

startTruthSdk();
new UndiciInstrumentation({ ignoreRequestHook: ({ path }) => isIgnored(path) });
new SocketInstrumentation({ detail: 'full' });

const undici: { Agent: new (options: object) => { destroy(): Promise<void> }; fetch: typeof fetch } =
  require('undici7');

/** All at once, where hardly a connection is used twice; and so many at once that most are. */
for (const [name, make, atOnce, connections] of [
  ["Node's fetch, all at once", fetch, 10_000, 0],
  ["Node's fetch, 500 at once", fetch, 500, 0],
  ['fetch of undici 7, 500 at once, four connections to an origin', undici.fetch, 500, 4],
] as const) {
  test(`10,000 calls of ${name}: every span tells what the servers saw`, { timeout: 120_000 }, async () => {
    const dispatcher = connections === 0 ? undefined : new undici.Agent({ connections });
    await truthRun(10_000, atOnce, 20_261_124, async ({ url, method, body, abortMs }) => {
      const controller = new AbortController();
      if (abortMs !== undefined) setTimeout(() => controller.abort(), abortMs);
      const options = { method, signal: controller.signal, ...(body === undefined ? {} : { body }) };
      const response = await make(url, dispatcher === undefined ? options : Object.assign(options, { dispatcher }));
      await response.text();
    });
    await dispatcher?.destroy();
  });
}
