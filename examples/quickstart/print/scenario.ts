import type { FailureConfidence } from 'opentelemetry-instrumentation-socket';
import type { Fix } from '../../../src/verdict/advice/advice';
import type { SeenSpan } from '../messages';
import type { Run } from '../play';
import type { Scenario } from '../scenarios/scenario';
import { spanOf } from '../truth';
import { bold, dim, line, red, wrapped } from './terminal';

/** The attributes that are printed where the span has them: those of a failure, and those of another span. */
const OF_FAILURES = [
  ...['failure.cause', 'failure.confidence', 'failure.initiator', 'failure.sent'],
  ...['reused', 'reuse_count', 'idle_ms'],
];
const OF_OTHERS = ['reused', 'reuse_count', 'idle_ms', 'near_miss', 'peer_timeout_ms', 'client_timeout_ms'];

const CONFIDENCES: readonly unknown[] = ['possible', 'likely', 'certain'] satisfies FailureConfidence[];

const label = (name: string) => `   ${name.padEnd(9)}`;
const isString = (value: unknown): value is string => typeof value === 'string';
const methodsOf = (spans: readonly SeenSpan[]) => [...new Set(spans.map(({ method }) => method))].join(', ');

/** What happened, what spans say without the package, and what they say with it. */
export function printScenario(number: number, scenario: Scenario, without: Run, withIt: Run): void {
  wrapped(`${number}. `, scenario.title, bold);
  const spans = spansOf(scenario, withIt);
  const failed = spans.filter(({ advice }) => advice !== undefined);
  const [surest] = [...failed].reverse().sort((a, b) => confidenceOf(b) - confidenceOf(a));
  if (surest === undefined) {
    printAttributes(spans, OF_OTHERS);
    return;
  }
  wrapped(label('without'), withoutText(spansOf(scenario, without)), scenario.errorWithout === false ? undefined : red);
  printFailure(scenario, surest, failed);
}

const confidenceOf = ({ attributes }: SeenSpan) => CONFIDENCES.indexOf(attributes['socket.failure.confidence']);

/** The spans of a scenario, in the order in which they ended. */
function spansOf({ expected }: Scenario, run: Run): SeenSpan[] {
  const calls = new Set(expected.map(({ call }) => call));
  return run.spans.filter((span) => calls.has(span.call) && span === spanOf(run, span.call));
}

function withoutText(spans: readonly SeenSpan[]): string {
  return `${methodsOf(spans)}: ${[...new Set(spans.map(errorOf))].join(', ')}`;
}

function errorOf({ status, exception, attributes }: SeenSpan): string {
  if (status === 'ERROR') return String(exception ?? attributes['error.type']).trim();
  return `no error on the span, status ${attributes['http.response.status_code']}`;
}

/** The surest verdict of requests that one event ended, and what differs in the others; `all` in the order of their ends. */
function printFailure({ whyDifferent }: Scenario, surest: SeenSpan, all: readonly SeenSpan[]): void {
  const { advice } = surest;
  if (advice === undefined) return;
  wrapped(label('why'), advice.why);
  printFix(advice.fix);
  wrapped(label('retry'), [...new Set(all.map((span) => span.advice?.retry).filter(isString))].join('. '));
  const verdicts = all.map((span) => `${span.method} ${verdictOf(span)}`);
  if (whyDifferent !== undefined && new Set(all.map(verdictOf)).size > 1)
    wrapped(label('verdicts'), `${verdicts.join(', ')}: ${whyDifferent}`, dim);
  printAttributes([surest], OF_FAILURES);
}

const saidNotes = new Set<string>();

/** The code to paste is never wrapped. What its note has in common with an earlier one is not said again. */
function printFix({ text, code, note = '' }: Fix): void {
  wrapped(label('fix'), code === undefined ? text : `${text}:`);
  if (code !== undefined) line(label('') + bold(code));
  const news = note.split('; ').filter((part) => part !== '' && !saidNotes.has(part));
  for (const part of news) saidNotes.add(part);
  if (news.length > 0) wrapped(label(''), news.join('; '), dim);
}

function verdictOf({ attributes }: SeenSpan): string {
  const { 'socket.failure.cause': cause, 'socket.failure.confidence': confidence } = attributes;
  return `${cause}${confidence === 'possible' ? '' : ` (${confidence})`}`;
}

/** Attributes without their prefix. */
function printAttributes(spans: readonly SeenSpan[], names: readonly string[]): void {
  const texts = spans.map(({ attributes }) => {
    const known = names.filter((name) => attributes[`socket.${name}`] !== undefined);
    return known.map((name) => `${name.replace('failure.', '')}=${attributes[`socket.${name}`]}`).join(' ');
  });
  wrapped(label('span'), texts.join(', then '), dim);
}
