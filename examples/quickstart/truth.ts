import type { Deed, Did, SeenSpan } from './messages';
import { type Expected, scenarios } from './scenarios';
import type { Run } from './world';

/** Verdicts against the truth: what the upstreams say that they did, connection by connection. */

const TRUE_CAUSE: Readonly<Partial<Record<Did, string>>> = {
  'idle-fin': 'stale_keepalive',
  'idle-rst': 'stale_keepalive',
  killed: 'peer_restart',
  forgotten: 'idle_expired',
  dropped: 'rejected',
  'kept-waiting': 'client_timeout',
};

/** What was promised and did not happen, in words; empty if all is well. */
export function missing(withIt: Run, without?: Run): string[] {
  const problems = falseVerdicts(withIt);
  if (without !== undefined) problems.push(...missingWithout(without));
  for (const { title, expected } of scenarios) {
    for (const each of expected) problems.push(...missingWith(withIt, each).map((problem) => `${title}: ${problem}`));
  }
  return problems;
}

/** The first attempt's span of a call. */
export function spanOf({ spans }: Run, call: string): SeenSpan | undefined {
  return spans.find((span) => span.call === call);
}

/** What the upstream did to the connection of a span. A client port belongs to one connection in a run this short. */
function deedFor({ deeds }: Run, { attributes }: SeenSpan): Deed | undefined {
  const port = attributes['network.local.port'];
  return port === undefined ? undefined : deeds.find((deed) => deed.port === port);
}

function missingWithout(run: Run): string[] {
  const problems: string[] = [];
  for (const { call, failure } of scenarios.flatMap(({ expected }) => expected)) {
    const span = spanOf(run, call);
    if (span === undefined) problems.push(`no span of ${call} in the run without the package`);
    else if (Object.keys(span.attributes).some((name) => name.startsWith('socket.')))
      problems.push(`the span of ${call} has socket attributes in the run without the package`);
    else if ((span.status === 'ERROR') !== (failure !== undefined))
      problems.push(`${call} has status ${span.status} in the run without the package`);
  }
  return problems;
}

function missingWith(run: Run, { call, failure, attributes = {} }: Expected): string[] {
  const span = spanOf(run, call);
  if (span === undefined) return [`no span of ${call}`];
  const wanted: Record<string, unknown> = { ...attributes };
  if (failure === undefined) wanted['socket.failure.cause'] = undefined;
  else {
    wanted['socket.failure.cause'] = failure.cause;
    wanted['socket.failure.sent'] = failure.sent;
    wanted['socket.failure.retry_safe'] = failure.retrySafe;
  }
  const problems: string[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    const found = span.attributes[name];
    if (found !== value) problems.push(`${call} should have ${name} = ${value}, and has ${found}`);
  }
  const confidence = span.attributes['socket.failure.confidence'];
  if (failure !== undefined && !failure.confidence.some((each) => each === confidence))
    problems.push(`${call} has confidence ${confidence}`);
  const did = deedFor(run, span)?.did;
  if (failure !== undefined && did !== failure.did)
    problems.push(`the upstream of ${call}: ${did}, not ${failure.did}`);
  return problems;
}

/** A verdict that is sure of itself must be the true one. */
export function falseVerdicts(run: Run): string[] {
  return run.spans.flatMap((span) => {
    const { 'socket.failure.cause': cause, 'socket.failure.confidence': confidence } = span.attributes;
    if (confidence !== 'certain' && confidence !== 'likely') return [];
    const did = deedFor(run, span)?.did;
    const truth = did === undefined ? 'not_listening' : TRUE_CAUSE[did];
    return cause === truth ? [] : [`${span.call}: ${cause}, ${confidence}, but the truth is ${truth} (${did})`];
  });
}
