import { selectorsOf } from '../promql';

/** What is handed down to the series that a recording rule is made of. */
interface HandedDown {
  readonly offset: string | undefined;
  readonly matchers: readonly string[];
}

/**
 * The expression with each series that a recording rule makes replaced by the rule's own expression, so that it needs no
 * recording rules. One line, without comments. Throws where that would not be the same.
 */
export async function expanded(
  expression: string,
  recorded: ReadonlyMap<string, string>,
  { offset, matchers }: HandedDown = { offset: undefined, matchers: [] },
): Promise<string> {
  const text = onOneLine(expression);
  for (const matcher of matchers) refuseUnlessKept(matcher, text);
  let result = text;
  for (const selector of [...(await selectorsOf(text))].reverse()) {
    const { metric, range, from, end } = selector;
    if (offset !== undefined && selector.offset !== undefined) throw new Error(`an offset of an offset: ${text}`);
    const down = { offset: offset ?? selector.offset, matchers: [...selector.matchers, ...matchers] };
    const inner = recorded.get(metric);
    if (inner !== undefined && range !== undefined) throw new Error(`a range of what is recorded: ${text}`);
    const part = inner === undefined ? series(metric, range, down) : `(${await expanded(inner, recorded, down)})`;
    result = result.slice(0, from) + part + result.slice(end);
  }
  return result;
}

function series(metric: string, range: string | undefined, { offset, matchers }: HandedDown): string {
  const chosen = matchers.length === 0 ? metric : `${metric}{${matchers.join(',')}}`;
  return `${chosen}${range === undefined ? '' : `[${range}]`}${offset === undefined ? '' : ` offset ${offset}`}`;
}

function onOneLine(expression: string): string {
  const lines = expression.split('\n').map((line) => line.replace(/#[^"]*$/, '').trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** A matcher on a sum may be one on its parts only if the sum is by that label. */
function refuseUnlessKept(matcher: string, text: string): void {
  const label = /^\w+/.exec(matcher)?.[0] ?? '';
  const groupings = [...text.matchAll(/\bby\s*\(([^)]*)\)/g)].map(([, labels = '']) => labels.split(/\s*,\s*/));
  const isKept = groupings.every((labels) => labels.includes(label)) && !/\b(without|ignoring|on)\b/.test(text);
  if (!isKept) throw new Error(`${matcher} cannot be handed down into ${text}`);
}
