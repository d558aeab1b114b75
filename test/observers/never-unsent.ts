import assert from 'node:assert/strict';
import { after } from 'node:test';
import fc from 'fast-check';
import { type Observation, surviving } from './observation';
import { RUNS } from './runs';

/** A program, its observers, and a server that alone knows what it parsed. */
interface World<Order, Step> {
  readonly orders: readonly Order[];
  readonly observation: Observation;
  take(step: Step): unknown;
  end(): unknown;
  isParsed(order: Order): boolean;
}

interface Sent {
  readonly request: { readonly method: string };
}

/** What the test gives a world, so that errors that the program does not handle are noticed. */
type Attempt = ReturnType<typeof surviving>['attempt'];

/**
 * Plays each sequence of steps in a world of its own: a request that the server parsed is never reported as unsent, nor
 * a POST among them as safe to retry, and nothing of ours throws.
 */
export async function assertNeverUnsent<Setting, Order extends Sent, Step>(
  scenes: fc.Arbitrary<readonly [Setting, readonly Step[]]>,
  worldOf: (setting: Setting, attempt: Attempt) => World<Order, Step>,
): Promise<void> {
  const thrown: unknown[] = [];
  const { attempt, end } = surviving(thrown);
  after(end);
  let parsed = 0;
  let unsent = 0;
  const property = fc.asyncProperty(scenes, async ([setting, steps]) => {
    const world = worldOf(setting, attempt);
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
}
