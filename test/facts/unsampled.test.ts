import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import type { Sampler } from '@opentelemetry/sdk-trace';
import { ask, startFactsServer, traced } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import { ended } from '../support/sdk';

/** NOT_RECORD, RECORD_AND_SAMPLED: the same numbers in every SDK. */
let decision = 0;
const sampler: Sampler = { shouldSample: () => ({ decision }), toString: () => 'by hand' };
instrument({ sampler });

test('a non-recording span gets no attributes, but its request counts', async () => {
  const server = await startFactsServer();
  const agent = new Agent({ keepAlive: true });
  for (let i = 0; i < 3; i++) await ask(server, '/', { agent });
  assert.equal(ended.length, 0);
  decision = 2;
  const { span, seen } = await traced(server, '/', { agent });
  assert.equal(seen.number, 3);
  assert.equal(span.attributes['socket.reuse_count'], 3);
  agent.destroy();
  await server.stop();
});
