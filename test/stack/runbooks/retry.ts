import assert from 'node:assert/strict';
import type { FailureCause, FailureSent } from '../../../src/verdict/failure';
import { isRetrySafe } from '../../../src/verdict/retry';
import type { Page } from '../markdown';

/** The start of the text where only the verdict on a single failure can answer. */
const DEPENDS = /^Read `socket\.failure\.retry_safe`/;

/** A runbook agrees with the package about retries: of a GET that was sent, and of one that was not sent at all. */
export async function retryAdvice(cause: FailureCause, page: Page): Promise<string> {
  const said = page.sections.at(-1)?.lines.join(' ').trim() ?? '';
  if (cause === 'client_gone') {
    assert.match(said, /`socket\.failure\.retry_safe` is absent/);
    return 'absent';
  }
  const cancelled = cause === 'client_cancelled';
  const isSafe = (sent: FailureSent) => isRetrySafe({ method: 'GET', cancelled, sent, unprocessed: false });
  const never = !isSafe('none');
  const isSetUp = ['not_listening', 'unreachable', 'name_not_resolved', 'connect_timeout'].includes(cause);
  if (never && cause !== 'tls_failed') assert.match(said, /`socket\.failure\.retry_safe` is false/);
  else if (isSetUp) assert.match(said, /^Yes, for any method: nothing was sent/);
  else if (cause === 'client_timeout')
    assert.match(said, /^Mostly not: `socket\.failure\.retry_safe` is false, whatever the/);
  else assert.match(said, DEPENDS);
  if (isSafe('full') && !isSetUp) assert.match(said, /idempotent|GET, HEAD/);
  return said.split(/[.:,;] /)[0] ?? '';
}
