import { test } from 'node:test';
import fc from 'fast-check';
import { assertNeverUnsent } from './never-unsent';
import { hidden, kinds } from './runs';
import { undiciSteps } from './undici-steps';
import { UndiciWorld } from './undici-world';

test('undici: whatever order messages come in, a request that the server parsed is never unsent, nor a POST safe', async () => {
  const ways = fc.record({ isHttp2: fc.constantFrom(false, false, true), keepsReason: fc.boolean() });
  await assertNeverUnsent(
    fc.tuple(fc.tuple(kinds, ways, hidden), undiciSteps),
    ([kind, way, missing], attempt) => new UndiciWorld({ ...kind, ...way }, missing, attempt),
  );
});
