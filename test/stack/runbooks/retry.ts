import assert from 'node:assert/strict';
import { type FailureCause, type FailureSent, RETRY_POINTLESS } from '../../../src/verdict/failure';
import { isRetrySafe } from '../../../src/verdict/retry';
import type { Page } from '../markdown';

/** Causes of connections that were never established. */
const NEVER_SENT: readonly FailureCause[] = ['not_listening', 'name_not_resolved', 'connect_timeout'];

/** A runbook agrees with the package about retries: of a GET that was sent, and of one that was not sent at all. */
export async function retryAdvice(cause: FailureCause, page: Page): Promise<string> {
  const advice = page.sections.at(-1)?.lines.join(' ').trim() ?? '';
  const cancelled = cause === 'client_cancelled';
  const isSafe = (sent: FailureSent) => isRetrySafe({ method: 'GET', cancelled, sent });
  if (cause === 'client_gone') assert.match(advice, /`socket\.failure\.retry_safe` is absent/);
  else if (!isSafe('none')) assert.match(advice, /`socket\.failure\.retry_safe` is false/);
  else if (NEVER_SENT.includes(cause)) assert.match(advice, /^Yes, for any method: nothing was sent/);
  else {
    assert.match(advice, /^Read `socket\.failure\.retry_safe`/);
    if (isSafe('full')) assert.match(advice, /idempotent|GET, HEAD/);
    assert.equal(RETRY_POINTLESS.includes(cause), advice.includes('pointless'), 'whether a retry is pointless');
  }
  return advice.split(/[.:,;] /)[0] ?? '';
}
