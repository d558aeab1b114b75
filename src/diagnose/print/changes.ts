import type { Change, RetryFinding } from '../findings/changes';
import type { Diagnosis } from '../findings/diagnosis';
import { number, plural } from '../wording';
import { hanging, moreText } from './layout';
import type { Style } from './style';
import { noChangeText } from './summary';
import { periodText } from './words';

const MOST = 20;

/** Section 5: what to change, most valuable first. */
export function changeLines(diagnosis: Diagnosis, width: number, style: Style): string[] {
  const { changes, retry } = diagnosis;
  const none = changes.length === 0 ? hanging('   ', noChangeText(diagnosis), width) : [];
  const lines = changes.slice(0, MOST).flatMap((change, i) => {
    const first = `${String(i + 1).padStart(4)}. `;
    const [head = '', ...rest] = hanging(first, `${whereText(change)}: ${change.text}`, width);
    return [
      head,
      ...rest,
      ...(change.code === undefined ? [] : [`      ${style.bold(change.code)}`]),
      ...(change.note === undefined ? [] : hanging('      ', `(${change.note})`, width).map(style.dim)),
      ...hanging('      ', worthText(change), width).map(style.green),
    ];
  });
  if (changes.length > MOST) lines.push(`      ${moreText(changes.length, MOST)}`);
  return [...none, ...lines, ...retryLines(retry, width, style)];
}

/** Hosts that are named. */
const MOST_HOSTS = 3;

/** "payments:443, called by checkout", or "checkout, calling payments:443 and 2 others". */
export function whereText({ hosts: [first = '', ...others], service }: Change): string {
  if (others.length === 0) return `${first}, called by ${service}`;
  const named = [first, ...others.slice(0, MOST_HOSTS - 1)];
  const more = others.length + 1 - named.length;
  return `${service}, calling ${named.join(', ')}${more === 0 ? '' : ` and ${plural(more, 'other')}`}`;
}

export function worthText({ setting, avoided, failures, period, cause }: Change): string {
  const when = period === undefined ? '' : `, ${periodText(period)} UTC`;
  if (setting === undefined) return `Behind ${plural(failures, 'failure')}${when}: ${cause}.`;
  const of = avoided === failures ? '' : ` of ${number(failures)}`;
  return `Would have avoided ${number(avoided)}${of} ${avoided === 1 && of === '' ? 'failure' : 'failures'} of this period: ${cause}.`;
}

/** The code of a retry policy, a line each. */
export const RETRY_CODE: readonly string[] = [
  "import { RETRY_POINTLESS, socketFailureOf } from 'opentelemetry-instrumentation-socket';",
  'const failure = socketFailureOf(error);',
  'const retry = failure?.retrySafe === true && !RETRY_POINTLESS.includes(failure.cause);',
];

function retryLines(retry: RetryFinding, width: number, style: Style): string[] {
  if (retry.saved === 0 && retry.risky === 0) return [];
  return [
    ...hanging('   Retry: ', retryText(retry), width),
    ...(retry.saved === 0 ? [] : RETRY_CODE.map((line) => `      ${style.bold(line)}`)),
  ];
}

export function retryText(retry: RetryFinding): string {
  const { saved, savedByTimeouts } = retry;
  const risk = riskText(retry);
  if (saved === 0) return `A policy would have saved nothing. ${risk}`;
  const already =
    savedByTimeouts === 0
      ? ''
      : `, ${savedByTimeouts === saved ? 'which' : `${number(savedByTimeouts)} of which`} an idle timeout above already avoids`;
  return `A policy that repeats only what is safe, with backoff, a budget and a deadline, would have given ${plural(saved, 'failure')} another attempt${already}. ${risk}`;
}

/** An idempotent request is safe although the server may have executed it; an unsafe one may never have been whole. */
function riskText({ risky, unknown }: RetryFinding): string {
  const open = unknown === 0 ? '' : `; for ${number(unknown)}${risky === 0 ? '' : ' more'} it is not known`;
  if (risky === 0) return `No failure is known to be unsafe to repeat${open}.`;
  const [are, them] = risky === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${plural(risky, 'failed request')} ${are} not safe to repeat, unless doing ${them} twice is harmless${open}.`;
}
