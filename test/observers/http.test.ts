import { test } from 'node:test';
import fc from 'fast-check';
import { httpSteps } from './http-steps';
import { HttpWorld } from './http-world';
import { assertNeverUnsent } from './never-unsent';
import { hidden, kinds } from './runs';

test('http: whatever order events come in, a request that the server parsed is never unsent, nor a POST safe', async () => {
  const settings = fc.tuple(kinds, hidden, fc.constantFrom(1, 2, 9));
  await assertNeverUnsent(
    fc.tuple(settings, httpSteps),
    ([kind, missing, maxSockets], attempt) => new HttpWorld(kind, missing, maxSockets, attempt),
  );
});
