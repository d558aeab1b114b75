import type { Judgement } from '../causes/judgement';
import type { Evidence } from '../evidence/evidence';
import type { WireFacts } from '../evidence/wire-facts';
import type { FailureCause } from '../failure';

/** What the sentences are about. */
export type Verdict = WireFacts & Judgement & { readonly retrySafe: boolean; readonly elapsedMs: number };

/** One sentence or clause for each cause. */
export type Tell = Record<FailureCause, (e: Evidence, v: Verdict) => string>;
