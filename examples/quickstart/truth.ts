import type { Action, ConnectionAction, SeenSpan } from './messages';
import type { Run } from './play';
import { scenarioOf } from './scenarios/all';
import type { Expected, Scenario } from './scenarios/scenario';

/** Compares verdicts with the truth: what the upstreams report that they did, connection by connection. */

const TRUE_CAUSES: Readonly<Partial<Record<Action, readonly string[]>>> = {
  'idle-fin': ['stale_keepalive'],
  'idle-rst': ['stale_keepalive'],
  retired: ['recycled'],
  killed: ['peer_restart'],
  aborted: ['peer_aborted'],
  'cut-at-limit': ['response_timeout'],
  'gave-up-waiting': ['request_incomplete'],
  forgotten: ['idle_expired'],
  dropped: ['rejected'],
  'spoke-smtp': ['protocol_mismatch'],
  // It did nothing: what ended the request is known by the request.
  'kept-waiting': ['client_timeout', 'client_cancelled', 'pool_closed'],
};

const scenariosOf = ({ setup }: Run): Scenario[] => setup.scenarios.map(scenarioOf);
const expectedOf = (run: Run): Expected[] => scenariosOf(run).flatMap(({ expected }) => expected);

/** Results that are not the expected ones, in words; empty if there are none. */
export function unmetExpectations(withIt: Run, without?: Run): string[] {
  const problems = falseVerdicts(withIt);
  if (without !== undefined) problems.push(...unmetWithout(without));
  for (const { title, expected } of scenariosOf(withIt)) {
    for (const each of expected) problems.push(...unmetWith(withIt, each).map((problem) => `${title}: ${problem}`));
  }
  return problems;
}

/** The first attempt's span of a call. */
export function spanOf({ spans }: Run, call: string): SeenSpan | undefined {
  return spans.find((span) => span.call === call);
}

/**
 * What the upstream did to the connection of a span. A client port belongs to one connection to a host in a run this
 * short; the kernel gives the same port to connections to several hosts.
 */
function actionOn({ actions }: Run, { attributes }: SeenSpan): ConnectionAction | undefined {
  const { 'network.local.port': port, 'server.address': host } = attributes;
  return port === undefined ? undefined : actions.find((action) => action.port === port && action.host === host);
}

function unmetWithout(run: Run): string[] {
  const problems: string[] = [];
  for (const { expected, errorWithout } of scenariosOf(run)) {
    for (const { call, failure } of expected) {
      const span = spanOf(run, call);
      if (span === undefined) problems.push(`no span of ${call} in the run without the package`);
      else if (Object.keys(span.attributes).some((name) => name.startsWith('socket.')))
        problems.push(`the span of ${call} has socket attributes in the run without the package`);
      else if ((span.status === 'ERROR') !== (errorWithout ?? failure !== undefined))
        problems.push(`${call} has status ${span.status} in the run without the package`);
    }
  }
  return problems;
}

function unmetWith(run: Run, { call, failure, attributes = {} }: Expected): string[] {
  const span = spanOf(run, call);
  if (span === undefined) return [`no span of ${call}`];
  const wanted: Record<string, unknown> = { ...attributes };
  if (failure === undefined) wanted['socket.failure.cause'] = undefined;
  else {
    const found = span.attributes['socket.failure.cause'];
    const causes = [failure.cause].flat();
    wanted['socket.failure.cause'] = causes.find((cause) => cause === found) ?? causes[0];
    if (failure.sent !== undefined) wanted['socket.failure.sent'] = failure.sent;
    if (failure.retrySafe !== undefined) wanted['socket.failure.retry_safe'] = failure.retrySafe;
  }
  const problems: string[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    const found = span.attributes[name];
    if (found !== value) problems.push(`${call} should have ${name} = ${value}, and has ${found}`);
  }
  const confidence = span.attributes['socket.failure.confidence'];
  if (failure !== undefined && !failure.confidence.some((each) => each === confidence))
    problems.push(`${call} has confidence ${confidence}`);
  const action = actionOn(run, span)?.action;
  if (failure !== undefined && action !== failure.action)
    problems.push(`the upstream of ${call}: ${action}, not ${failure.action}`);
  return problems;
}

/** Verdicts that are `certain` or `likely`, and wrong. */
export function falseVerdicts(run: Run): string[] {
  const expected = new Map(expectedOf(run).map((each) => [each.call, each.failure]));
  return run.spans.flatMap((span) => {
    const { 'socket.failure.cause': cause, 'socket.failure.confidence': confidence } = span.attributes;
    if (confidence !== 'certain' && confidence !== 'likely') return [];
    const action = actionOn(run, span)?.action;
    const truth = action === undefined ? unreported(span, expected.get(span.call)) : (TRUE_CAUSES[action] ?? []);
    if (truth.some((each) => each === cause)) return [];
    return [`${span.call}: ${cause}, ${confidence}, but the truth is ${truth.join(' or ') || 'another'} (${action})`];
  });
}

/** What happened where no upstream can report it: the kernel's refusal is its own proof, otherwise the scenario says. */
function unreported({ attributes }: SeenSpan, failure: Expected['failure']): readonly string[] {
  if (attributes['socket.failure.kind'] === 'refused') return ['not_listening'];
  return [failure?.cause ?? []].flat();
}
