import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { surviving } from './observation';
import { hidden, kinds, RUNS } from './runs';
import { undiciSteps } from './undici-steps';
import { UndiciWorld } from './undici-world';

test('undici: whatever order messages come in, a request that the server parsed is never unsent, nor a POST safe', async () => {
  const thrown: unknown[] = [];
  const { attempt, end } = surviving(thrown);
  after(end);
  let parsed = 0;
  let unsent = 0;
  const ways = fc.record({ isHttp2: fc.constantFrom(false, false, true), keepsReason: fc.boolean() });
  const property = fc.asyncProperty(kinds, ways, hidden, undiciSteps, async (kind, way, missing, steps) => {
    const world = new UndiciWorld({ ...kind, ...way }, missing, attempt);
    for (const step of steps) await world.take(step);
    await world.end();
    const { verdicts, faults } = world.observation;
    assert.deepEqual([...faults, ...thrown], []);
    for (const { request, failure } of verdicts) {
      const order = world.orders.find((one) => one.request === request) ?? assert.fail();
      if (world.isParsed(order)) parsed += 1;
      else if (failure.sent === 'none') unsent += 1;
      if (!world.isParsed(order)) continue;
      const said = `${order.request.method} ${failure.phase} ${failure.kind} ${failure.cause}: ${failure.explanation}`;
      assert.notEqual(failure.sent, 'none', said);
      if (order.request.method === 'POST') assert.notEqual(failure.retrySafe, true, said);
    }
  });
  await fc.assert(property, RUNS);
  // The sequences are worth nothing unless they get that far.
  assert.ok(parsed > 0.1 * RUNS.numRuns && unsent > 0.1 * RUNS.numRuns, `${parsed} parsed, ${unsent} unsent`);
});
