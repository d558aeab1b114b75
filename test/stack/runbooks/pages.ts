import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { stackFolder } from '../../../examples/stack/run/paths';
import { FAILURE_CAUSES } from '../../../src/verdict/failure';
import type { Check } from '../check';
import { typedTags } from '../jaeger/search';
import { type Page, readPage } from '../markdown';
import { retryAdvice } from './retry';

export const runbookFolder = path.join(stackFolder, 'runbooks');

/** The part of both parsers that is used. */
interface Parser {
  parse(text: string): { iterate(spec: { enter(node: { type: { isError: boolean }; from: number }): void }): void };
}

/** Every heading of a runbook, in this order. */
const HEADINGS = [
  'What it means',
  'Confirm it',
  'Change in this client',
  'Change in the server',
  'Change in the proxy or cloud',
  'Do not',
  'Safe to retry?',
];

export function runbook(cause: string): Page {
  return readPage(path.join(runbookFolder, `${cause}.md`));
}

/** The text of the only fence in this language of a page. */
export function fence(page: Page, language: 'promql' | 'traceql' | 'jaeger'): string {
  const found = page.sections.flatMap(({ fences }) => fences).filter((one) => one.language === language);
  assert.equal(found.length, 1, `${found.length} fences with ${language}`);
  return found[0]?.text ?? '';
}

export function staticChecks(): Check[] {
  return [
    { name: 'runbooks: every cause has a page, and every page a cause', program: 'files', run: pagesAndCauses },
    { name: 'runbooks/README.md: the index names every cause', program: 'files', run: index },
    ...FAILURE_CAUSES.flatMap((cause): Check[] => [
      {
        name: `runbook ${cause}: has a title in words, all headings, and 30 to 80 lines`,
        program: 'files',
        run: () => headings(cause),
      },
      { name: `runbook ${cause}: the PromQL is valid`, program: 'lezer-promql', run: () => parsed(cause, 'promql') },
      {
        name: `runbook ${cause}: the TraceQL is valid`,
        program: 'lezer-traceql',
        run: () => parsed(cause, 'traceql'),
      },
      { name: `runbook ${cause}: the tags name the cause`, program: 'logfmt', run: () => tags(cause) },
      {
        name: `runbook ${cause}: the advice on retries is the package's`,
        program: 'advice.ts',
        run: () => retryAdvice(cause, runbook(cause)),
      },
    ]),
  ];
}

async function pagesAndCauses(): Promise<string> {
  const pages = fs.readdirSync(runbookFolder).filter((file) => file !== 'README.md');
  assert.deepEqual(pages.sort(), FAILURE_CAUSES.map((cause) => `${cause}.md`).sort());
  return `${pages.length} pages`;
}

async function index(): Promise<string> {
  const { links } = readPage(path.join(runbookFolder, 'README.md'));
  for (const cause of FAILURE_CAUSES) assert.ok(links.includes(`${cause}.md`), `no link to ${cause}.md`);
  return `${links.length} links`;
}

async function headings(cause: string): Promise<string> {
  const [title = '', ...rest] = runbook(cause)
    .sections.map(({ heading }) => heading)
    .slice(1);
  assert.ok(/^[A-Z]/.test(title) && title.endsWith(` (\`${cause}\`)`), title);
  assert.deepEqual(rest, HEADINGS);
  const lines = fs.readFileSync(path.join(runbookFolder, `${cause}.md`), 'utf8').split('\n').length - 1;
  assert.ok(lines >= 30 && lines <= 80, `${lines} lines, not 30 to 80`);
  return `${lines} lines`;
}

/** Both parsers are ES modules. */
const parsers: Readonly<Record<'promql' | 'traceql', () => Promise<{ parser: Parser }>>> = {
  promql: () => import('@prometheus-io/lezer-promql'),
  traceql: () => import('@grafana/lezer-traceql'),
};

async function parsed(cause: string, language: 'promql' | 'traceql'): Promise<string> {
  const { parser } = await parsers[language]();
  const text = fence(runbook(cause), language);
  assert.ok(language === 'promql' || text.includes(`"${cause}"`), 'it is not about the cause');
  let nodes = 0;
  parser.parse(text).iterate({
    enter({ type, from }) {
      assert.ok(!type.isError, `${text.slice(0, from)} ⟂ ${text.slice(from)}`);
      nodes += 1;
    },
  });
  return `${nodes} nodes`;
}

async function tags(cause: string): Promise<string> {
  const found = typedTags(fence(runbook(cause), 'jaeger'));
  assert.equal(found['socket.failure.cause'], cause);
  return Object.keys(found).join(', ');
}
