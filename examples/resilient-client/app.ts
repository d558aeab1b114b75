import { SpanKind } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { socketFailureOf } from 'opentelemetry-instrumentation-socket';
import type { Call } from './clients/client';
import type { AppMessage, Setup } from './messages';
import { startTracing } from './tracing';

/** One client program: a library, naive or fixed, through all scenarios. */

const setup = JSON.parse(process.argv[2] ?? '{}') as Setup;

process.on('disconnect', () => process.exit());
// Ctrl-C reaches all processes, but the example itself ends the others.
process.on('SIGINT', () => undefined);

function tell(message: AppMessage): void {
  process.send?.(message);
}

/** Each attempt of a library has a CLIENT span of its own: that is how retries are counted. */
const countAttempts: SpanProcessor = {
  onStart: () => undefined,
  onEnd({ kind, attributes }) {
    const attempt = /[a-z]+\.[a-z]+\.\d+/.exec(String(attributes['url.full']))?.[0];
    if (kind === SpanKind.CLIENT && attempt !== undefined) tell({ attempt });
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

async function main(): Promise<void> {
  startTracing(countAttempts);
  const { clients } = await import('./clients/clients.js');
  const { playAll } = await import('./scenarios.js');
  const load = clients[setup.client];
  if (load === undefined) throw new Error(`no client ${setup.client}`);
  const { client } = await load();
  const send = await client[setup.mode](`http://127.0.0.1:${setup.port}`);

  await playAll(setup, async (call: Call) => {
    const { name, method } = call;
    try {
      await send(call);
      tell({ outcome: { call: name, method } });
    } catch (error) {
      const failure = socketFailureOf(error);
      tell({ outcome: { call: name, method, error: String(error), ...(failure && { failure }) } });
    }
  });
  process.send?.({ done: true }, () => process.exit());
}

void main();
