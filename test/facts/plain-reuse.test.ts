import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Connection } from '../../src/connection/connection';
import { Exchange } from '../../src/connection/exchange';
import { connectionAttributes, setPlainReuse } from '../../src/report/attributes';
import type { ReadableSpan } from '../../src/report/span';

const EVENTS = ['resolved', 'connected', 'secured', 'connectedUnseen', 'acquire', 'wrote', 'release'] as const;
const event = fc.record({
  name: fc.constantFrom(...EVENTS),
  step: fc.double({ min: -10, max: 5_000, noNaN: true }),
  wallStep: fc.integer({ min: -90_000_000, max: 90_000_000 }),
  isQueued: fc.boolean(),
});
const life = fc.record({
  secure: fc.boolean(),
  adopted: fc.boolean(),
  isUnknown: fc.boolean(),
  events: fc.array(event, { minLength: 20, maxLength: 40 }),
});

test('the attributes of a plain reuse are those of its facts, whatever happened to the connection before', () => {
  let plain = 0;
  fc.assert(
    fc.property(life, ({ events, isUnknown, ...options }) => {
      let nowMs = 1_000;
      let wallMs = 1_700_000_000_000;
      const connection = new Connection(1, nowMs, options);
      if (isUnknown) connection.uses = undefined;
      for (const { name, step, wallStep, isQueued } of events) {
        nowMs += step;
        wallMs += wallStep;
        if (name === 'wrote' || name === 'connectedUnseen') connection[name]();
        else if (name === 'release') connection.release(nowMs, wallMs);
        else if (name !== 'acquire') connection[name](nowMs);
        else {
          const exchange = new Exchange('client', 'GET', nowMs);
          if (isQueued) exchange.queued = true;
          exchange.acquire(connection, nowMs, wallMs);
          const attributes: Record<string, unknown> = {};
          const span = {
            setAttribute: (name: string, value: unknown) => {
              attributes[name] = value;
            },
          } as unknown as ReadableSpan;
          if (!setPlainReuse(span, exchange)) {
            assert.deepEqual(attributes, {});
            continue;
          }
          plain += 1;
          assert.deepEqual(attributes, connectionAttributes(exchange.looseFacts(true), false, {} as ReadableSpan));
        }
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(plain > 200, `${plain} plain reuses`);
});
