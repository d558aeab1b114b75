import type { Outcome } from './messages';
import type { Run } from './play';

/** A row of the table. */
export interface Row {
  readonly client: string;
  readonly mode: string;
  readonly requests: number;
  readonly failed: number;
  /** Failures that the right idle timeout and the right retries prevent. */
  readonly avoidable: number;
  /** Attempts beyond the first of each request, as the spans saw them. */
  readonly retried: number;
  /** POSTs that the peer executed more than once, by its own log. */
  readonly twice: number;
}

/**
 * A failed POST that the peer executed is nobody's fault here: the client cannot know, and must not repeat it. Every
 * other failure is avoidable.
 */
function isAvoidable({ method, call, error }: Outcome, { executed }: Run): boolean {
  return error !== undefined && !(method === 'POST' && executed.includes(call));
}

/** The calls that failed although the client did all that it could. */
export function unavoidable(run: Run): string[] {
  const lost = run.outcomes.filter((outcome) => outcome.error !== undefined && !isAvoidable(outcome, run));
  return lost.map(({ call }) => call);
}

function executedTwice({ outcomes, executed }: Run): string[] {
  const posts = outcomes.filter(({ method }) => method === 'POST').map(({ call }) => call);
  return posts.filter((call) => executed.filter((each) => each === call).length > 1);
}

export function rowOf(run: Run): Row {
  const { client, mode, outcomes, attempts } = run;
  return {
    client,
    mode,
    requests: outcomes.length,
    failed: outcomes.filter(({ error }) => error !== undefined).length,
    avoidable: outcomes.filter((outcome) => isAvoidable(outcome, run)).length,
    retried: attempts.length - outcomes.length,
    twice: executedTwice(run).length,
  };
}

/** What is not as it has to be, in words; empty if naive clients fail where they must and fixed ones do not. */
export function faultsOf(runs: readonly Run[]): string[] {
  const faults: string[] = [];
  const rows = runs.map(rowOf);
  for (const { client, mode, requests, avoidable, retried } of rows) {
    if (requests !== rows[0]?.requests) faults.push(`${client}, ${mode}: ${requests} requests, unlike the first`);
    if (retried < 0) faults.push(`${client}, ${mode}: requests without a span`);
    if (mode === 'naive' && avoidable === 0) faults.push(`${client}, naive: no avoidable failure`);
  }
  if (!rows.some(({ mode, twice }) => mode === 'naive' && twice > 0)) faults.push('naive: no POST was executed twice');
  for (const run of runs.filter(({ mode }) => mode === 'fixed')) {
    const avoidable = run.outcomes.filter((outcome) => isAvoidable(outcome, run));
    for (const { call, error } of avoidable) faults.push(`${run.client}, fixed: ${call} failed: ${error}`);
    for (const call of executedTwice(run)) faults.push(`${run.client}, fixed: ${call} was executed twice`);
  }
  return faults;
}
