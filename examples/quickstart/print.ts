import { type Advice, fixText } from '../../src/verdict/advice/advice';
import type { SeenSpan } from './messages';
import type { Run } from './play';
import { type Scenario, scenarios } from './scenarios';
import { spanOf } from './truth';

const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR;
const paint = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint(1);
const dim = paint(2);
export const red = paint(31);
export const green = paint(32);

const WIDTH = Math.max(60, Math.min(process.stdout.columns || 100, 100));

export function line(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Wraps text at the terminal's width, at most 100 columns: the first line follows `head`, the others are indented as
 * far.
 */
export function wrapped(head: string, text: string, style = (line: string) => line): void {
  const indent = ' '.repeat(head.length);
  let current = '';
  let before = head;
  for (const word of text.split(' ')) {
    if (current !== '' && indent.length + current.length + 1 + word.length > WIDTH) {
      line(before + style(current));
      before = indent;
      current = word;
    } else current += current === '' ? word : ` ${word}`;
  }
  line(before + style(current));
}

/** Shows a line of progress, on a terminal only; returns a function that removes it. */
export function progressLine(text: () => string): () => void {
  if (process.stdout.isTTY !== true) return () => undefined;
  const startedMs = performance.now();
  const show = () => {
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    process.stdout.write(`\r\u001b[K${dim(`${text()}, ${seconds} s`)}`);
  };
  show();
  const timer = setInterval(show, 250);
  return () => {
    clearInterval(timer);
    process.stdout.write('\r\u001b[K');
  };
}

/** The attributes that are printed where the span has them. */
const SHOWN = [
  'socket.failure.cause',
  'socket.failure.confidence',
  'socket.failure.initiator',
  'socket.failure.sent',
  'socket.failure.retry_safe',
  'socket.failure.elapsed_ms',
  'socket.near_miss',
  'socket.reused',
  'socket.reuse_count',
  'socket.idle_ms',
  'socket.peer_timeout_ms',
  'socket.peer_timeout_source',
  'socket.client_timeout_ms',
];

/** Every scenario: what happened, what the span says without the package, and what it says with it. */
export function printScenarios(without: Run, withIt: Run): void {
  scenarios.forEach((scenario, i) => {
    line();
    line(bold(`${i + 1}. ${scenario.title}`));
    wrapped('   ', scenario.story, dim);
    printWithout(scenario, without);
    printWith(scenario, withIt);
  });
}

function printWithout({ expected }: Scenario, run: Run): void {
  for (const { call } of expected) {
    const span = spanOf(run, call);
    if (span === undefined) continue;
    const error = span.status === 'ERROR';
    const type = error ? `, error.type ${JSON.stringify(span.attributes['error.type'])}` : '';
    const message = error ? `, exception ${JSON.stringify(span.exception)}` : ', and nothing about the connection';
    wrapped(`   without  ${nameOf(span)}  `, `status ${span.status}${type}${message}`);
  }
}

function printWith({ expected }: Scenario, run: Run): void {
  let first: SeenSpan | undefined;
  for (const { call } of expected) {
    const span = spanOf(run, call);
    if (span === undefined) continue;
    const head = `   with     ${nameOf(span)}  `;
    wrapped(head, `status ${span.status}${first === undefined ? '' : ', and what differs:'}`);
    const indent = ' '.repeat(head.length);
    const shown = SHOWN.filter((name) => span.attributes[name] !== undefined && matters(span, name));
    const different = shown.filter((name) => span.attributes[name] !== first?.attributes[name]);
    const items = different.map((name) => `${name}=${span.attributes[name]}`);
    for (const row of rows(items, WIDTH - indent.length)) line(indent + row);
    const explanation = explanationOf(span, first);
    if (explanation !== '') wrapped(indent, explanation, green);
    first ??= span;
  }
}

export function nameOf({ method, attributes }: SeenSpan): string {
  return `${method.padEnd(4)} ${attributes['server.address']}`;
}

/** Idle timeouts do not matter for a fresh connection. */
function matters({ attributes }: SeenSpan, name: string): boolean {
  return attributes['socket.reused'] !== false || !name.includes('_timeout_');
}

/** The explanation, with an ellipsis for each part that the span above has as well. */
function explanationOf({ advice }: SeenSpan, above: SeenSpan | undefined): string {
  if (advice === undefined) return '';
  const known = above?.advice === undefined ? [] : sentencesOf(above.advice);
  const sentences = sentencesOf(advice).map((sentence) => (known.includes(sentence) ? '…' : `${sentence}.`));
  if (sentences.every((sentence) => sentence === '…')) return 'the same explanation';
  return sentences.filter((sentence, i) => sentence !== '…' || sentences[i - 1] !== '…').join(' ');
}

function sentencesOf({ why, fix, retry }: Advice): string[] {
  return [why, fixText(fix), retry];
}

function rows(items: readonly string[], width: number): string[] {
  const found: string[] = [];
  for (const item of items) {
    const last = found.at(-1);
    if (last !== undefined && last.length + 2 + item.length <= width) found[found.length - 1] = `${last}  ${item}`;
    else found.push(item);
  }
  return found;
}
