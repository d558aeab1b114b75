import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IdleTimeout } from '../../src/peer/idle/idle-timeout';

const ROUNDS = 12;

/**
 * Connections go idle together, ROUNDS times; each is closed at one of the limits, a little late. Returns which limit was
 * known after each closing.
 */
function known(limits: readonly number[], connections: number, lateMs: readonly number[]): (number | undefined)[] {
  const limit = new IdleTimeout();
  const words: (number | undefined)[] = [];
  let closings = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const ages = Array.from({ length: connections }, (_, i) => {
      closings += 1;
      return (limits[i % limits.length] ?? 0) + (lateMs[closings % lateMs.length] ?? 0);
    });
    for (const idleMs of ages.sort((a, b) => a - b)) {
      limit.closed({ atMs: round * 10_000 + idleMs, idleMs, lateMs: 0, ageMs: undefined, uses: 1 });
      words.push(limit.observed()?.ms);
    }
  }
  return words;
}

test('an idle timeout that is learned from many connections at once stays known', () => {
  for (const connections of [1, 2, 8, 20, 100]) {
    const words = known([5_000], connections, [0, 3, 1]).slice(connections);
    const isNear = (ms: number | undefined) => ms !== undefined && Math.abs(ms - 5_000) <= 3;
    assert.ok(words.every(isNear), `${connections} connections: ${words.slice(0, 20)}`);
  }
});

test('two idle timeouts behind one name show none, whether or not their closings form one burst', () => {
  const late = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 17 });
  const long = fc.constantFrom(1_300, 1_998, 2_000, 3_000, 8_000);
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 24 }), long, late, (connections, longMs, lateMs) => {
      const words = known([1_000, longMs], connections, lateMs);
      assert.deepEqual(
        words.filter((ms) => ms !== undefined),
        [],
      );
    }),
  );
});
