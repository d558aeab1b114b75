import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { announcedTimeoutMs } from '../../src/peer/keep-alive';

const HEADERS: readonly (readonly [header: unknown, ms: number | undefined])[] = [
  ['timeout=5', 5_000],
  ['timeout=5, max=100', 5_000],
  ['max=100, timeout=5', 5_000],
  ['max=100,timeout=5', 5_000],
  ['Timeout=15, Max=100', 15_000],
  ['TIMEOUT = 75', 75_000],
  ['timeout="30"', 30_000],
  ['timeout=60; max=1', 60_000],
  ['timeout=999999999', 86_400_000],
  ['timeout=0', undefined],
  ['timeout=-5', undefined],
  ['timeout=1.5', undefined],
  ['timeout=5s', undefined],
  ['timeout=1e3', undefined],
  ['timeout=9999999999', undefined],
  ['timeout=', undefined],
  ['idle-timeout=5', undefined],
  ['max=100', undefined],
  ['', undefined],
  [`${' '.repeat(300)}timeout=5`, undefined],
  [undefined, undefined],
  [5, undefined],
  [['timeout=5'], undefined],
];

for (const [header, ms] of HEADERS) {
  test(`Keep-Alive: ${JSON.stringify(header)?.slice(0, 40)} announces ${ms ?? 'nothing'}`, () => {
    assert.equal(announcedTimeoutMs(header), ms);
  });
}

test('whatever a peer sends is a whole number of seconds up to a day, or nothing', () => {
  const header = fc
    .array(fc.constantFrom('timeout', '=', '5', '"', ',', ' ', 'max', '-', '.', 'e'))
    .map((t) => t.join(''));
  fc.assert(
    fc.property(fc.oneof(header, fc.string(), fc.anything()), (value) => {
      const ms = announcedTimeoutMs(value);
      assert.ok(ms === undefined || (ms % 1_000 === 0 && ms > 0 && ms <= 86_400_000));
    }),
  );
});
