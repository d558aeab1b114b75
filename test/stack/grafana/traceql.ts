import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuseErrors } from '../../../examples/stack/generate/promql';
import { root, stackFolder } from '../../../examples/stack/run/paths';
import * as semconv from '../../../src/semconv';
import type { Check } from '../check';
import { DASHBOARDS, panelsOf, substituted, targetsOf } from './dashboards';
import { linksOf } from './links';

/**
 * Syntax that Tempo knows and Grafana's parser (@grafana/lezer-traceql 1.0) does not, and what is parsed in its place.
 */
const NOT_YET_PARSED: readonly { readonly text: string; readonly instead: string; readonly reason: string }[] = [
  {
    text: 'nestedSetParent < 0',
    instead: 'kind = server',
    reason: "Tempo's way to say root span; the parser has no such intrinsic",
  },
];

/** The TraceQL of the dashboards, their links, `traceql.md` and the runbooks is valid. */
export function staticChecks(): Check[] {
  return Object.entries(SOURCES).flatMap(([where, queries]) => [
    { name: `${where}: the TraceQL is valid`, program: 'lezer-traceql', run: async () => parsed(queries()) },
    {
      name: `${where}: attributes exist and have the compared types`,
      program: 'semconv',
      run: async () => typed(queries()),
    },
  ]);
}

const RUNBOOKS = join(stackFolder, 'runbooks');
const SOURCES: Readonly<Record<string, () => readonly string[]>> = {
  dashboards: () =>
    DASHBOARDS.flatMap(panelsOf).flatMap((panel) =>
      targetsOf(panel).flatMap(({ query }) => (query === undefined ? [] : [substituted(query)])),
    ),
  'links of the dashboards': () =>
    DASHBOARDS.flatMap(linksOf).flatMap(({ traceql }) => (traceql === undefined ? [] : [traceql])),
  'tempo/traceql.md': () => fences(join(stackFolder, 'tempo/traceql.md')),
  runbooks: () => readdirSync(RUNBOOKS).flatMap((file) => fences(join(RUNBOOKS, file))),
};

function fences(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^```traceql\n(.+?)\n```$/gms)].map(([, query = '']) => query);
}

async function parsed(queries: readonly string[]): Promise<string> {
  const { parser } = await import('@grafana/lezer-traceql');
  for (const query of queries) {
    const known = NOT_YET_PARSED.reduce((text, syntax) => text.replaceAll(syntax.text, syntax.instead), query);
    refuseErrors(parser.parse(known), known);
  }
  if (queries.length === 0) throw new Error('no query');
  return `${queries.length} queries`;
}

/** Attributes of other instrumentations, and their types. */
const OTHERS: Readonly<Record<string, string>> = {
  'server.address': 'string',
  'server.port': 'int',
  'network.local.address': 'string',
  'network.local.port': 'int',
  'network.peer.address': 'string',
  'network.peer.port': 'int',
  'http.request.method': 'string',
  'http.route': 'string',
  'http.response.status_code': 'int',
};
const LITERALS: Readonly<Record<string, RegExp>> = { int: /^\d+$/, string: /^"[^"]*"$/, boolean: /^(true|false)$/ };

/** Tempo compares only values of the attribute's type: `= "true"` finds no boolean, `> 4000.0` no integer. */
function typed(queries: readonly string[]): string {
  const types = typesOf();
  let count = 0;
  for (const query of queries) {
    for (const [, name = ''] of query.matchAll(/span\.([a-z_]+(?:\.[a-z_]+)+)/g))
      if (types[name] === undefined) throw new Error(`no span has ${name}: ${query}`);
    for (const [, name = '', value = ''] of query.matchAll(
      /span\.([a-z_.]+)\s*(?:=~|!=|>=|<=|=|>|<)\s*("[^"]*"|[^\s)]+)/g,
    )) {
      if (value === 'nil' || types[value.replace('span.', '')] === types[name]) continue;
      if (!LITERALS[types[name] ?? '']?.test(value))
        throw new Error(`${name} is ${types[name]}, not ${value}: ${query}`);
      count += 1;
    }
  }
  return `${count} comparisons`;
}

/** The type of each attribute of the package, from its documentation. */
function typesOf(): Readonly<Record<string, string | undefined>> {
  const documented = [...documentation().matchAll(/^\| `(socket\.[\w.]+)`(?: •)? \| (int|string|boolean) \|/gm)];
  const names = new Set<string>(Object.values(semconv));
  const ours = documented.map(([, name = '', type = '']) => [name, type] as const).filter(([name]) => names.has(name));
  if (ours.length < 20) throw new Error('the documentation has no table of attributes');
  return { ...Object.fromEntries(ours), ...OTHERS };
}

/** README.md and the pages of docs/, where the table of attributes is. */
function documentation(): string {
  const docs = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs')).map((file) => `docs/${file}`) : [];
  const pages = ['README.md', ...docs].filter((file) => file.endsWith('.md'));
  return pages.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
}
