import fc from 'fast-check';
import { MEMBERS } from './observation';

/** `OBSERVER_RUNS=100000` plays so many sequences; `OBSERVER_SEED` repeats those of an earlier run. */
const { OBSERVER_RUNS, OBSERVER_SEED } = process.env;

export const RUNS = {
  numRuns: Number(OBSERVER_RUNS ?? 2_000),
  includeErrorInReport: true,
  ...(OBSERVER_SEED === undefined ? {} : { seed: Number(OBSERVER_SEED) }),
};

/** How the sockets of one sequence come about. */
export const kinds = fc.record({
  secure: fc.boolean(),
  isReported: fc.boolean(),
  isConnected: fc.boolean(),
  hasOwnWriter: fc.constantFrom(false, false, false, true),
  hasOwnDestroy: fc.constantFrom(false, false, false, true),
});

/** What is said of whether a request was sent rests above all on these. */
const ABOVE_ALL = ['bytesDispatched', 'bytesDispatched', 'handle', 'secureEstablished', 'parentHandle', 'abort'];

/** Private members that are missing: in half of the sequences none. */
export const hidden = fc.oneof(
  fc.constant([]),
  fc.array(fc.constantFrom(...ABOVE_ALL, ...Object.keys(MEMBERS)), { minLength: 1, maxLength: 3 }),
);
