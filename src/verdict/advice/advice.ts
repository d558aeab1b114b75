import type { Evidence } from '../evidence/evidence';
import { fix } from './fix';
import { retry } from './retry';
import type { Verdict } from './told';
import { why } from './why';

/** What happened, the numbers that show it, what to change, and whether to retry: two sentences. */
export function explain(e: Evidence, v: Verdict): string {
  const text = `${why(e, v)}. ${fix(e, v)}; ${retry(e, v)}.`;
  return text.startsWith('the peer') ? `T${text.slice(1)}` : text;
}
