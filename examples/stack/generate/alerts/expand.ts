import { selectorsOf } from '../promql';

/** The part of a selector that applies to the series inside a recording rule as well. */
interface Inherited {
  readonly offset: string | undefined;
  readonly matchers: readonly string[];
}

/**
 * The expression with each recorded series replaced by the expression of its rule, so that no recording rules are
 * needed. One line, without comments. Throws where the result would differ.
 */
export async function expanded(
  expression: string,
  recorded: ReadonlyMap<string, string>,
  { offset, matchers }: Inherited = { offset: undefined, matchers: [] },
): Promise<string> {
  const text = onOneLine(expression);
  for (const matcher of matchers) refuseUnlessKept(matcher, text);
  let result = text;
  for (const selector of [...(await selectorsOf(text))].reverse()) {
    const { metric, range, from, end } = selector;
    if (offset !== undefined && selector.offset !== undefined) throw new Error(`an offset inside an offset: ${text}`);
    const down = { offset: offset ?? selector.offset, matchers: [...selector.matchers, ...matchers] };
    const inner = recorded.get(metric);
    if (inner !== undefined && range !== undefined) throw new Error(`a range over a recorded series: ${text}`);
    const part = inner === undefined ? series(metric, range, down) : `(${await expanded(inner, recorded, down)})`;
    result = result.slice(0, from) + part + result.slice(end);
  }
  return result;
}

function series(metric: string, range: string | undefined, { offset, matchers }: Inherited): string {
  const chosen = matchers.length === 0 ? metric : `${metric}{${matchers.join(',')}}`;
  return `${chosen}${range === undefined ? '' : `[${range}]`}${offset === undefined ? '' : ` offset ${offset}`}`;
}

function onOneLine(expression: string): string {
  const lines = expression.split('\n').map((line) => line.replace(/#[^"]*$/, '').trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** A matcher on a sum may be applied to its parts only if the sum is grouped by that label. */
function refuseUnlessKept(matcher: string, text: string): void {
  const label = /^\w+/.exec(matcher)?.[0] ?? '';
  const groupings = [...text.matchAll(/\bby\s*\(([^)]*)\)/g)].map(([, labels = '']) => labels.split(/\s*,\s*/));
  const isKept = groupings.every((labels) => labels.includes(label)) && !/\b(without|ignoring|on)\b/.test(text);
  if (!isKept) throw new Error(`${matcher} cannot be applied inside ${text}`);
}
