import type { SyntaxNode, Tree } from '@lezer/common' with { 'resolution-mode': 'import' };

/** A series selector in a PromQL expression. */
export interface Selector {
  readonly metric: string;
  /** Each `label=~"value"`, as written. */
  readonly matchers: readonly string[];
  /** Position of the selector, its matchers included, in the expression. */
  readonly from: number;
  readonly to: number;
  /** The range as written (`5m`); undefined for an instant vector. */
  readonly range: string | undefined;
  /** The function whose argument the range is. */
  readonly calledBy: string | undefined;
  /** The offset as written (`1d`). */
  readonly offset: string | undefined;
  /** Position of the end, range and offset included. */
  readonly end: number;
}

/** The selectors of an expression, in order. Throws if it is not PromQL. */
export async function selectorsOf(expression: string): Promise<readonly Selector[]> {
  const { parser } = await import('@prometheus-io/lezer-promql');
  const tree = parser.parse(expression);
  refuseErrors(tree, expression);
  const selectors: Selector[] = [];
  tree.iterate({
    enter: ({ name, node }) => {
      if (name === 'VectorSelector') selectors.push(selectorOf(node, expression));
    },
  });
  return selectors;
}

/** Throws if the parser did not understand a part of the text; the error says which part. */
export function refuseErrors(tree: Tree, text: string): void {
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) throw new Error(`syntax error at ${JSON.stringify(text.slice(from, from + 30))} in ${text}`);
    },
  });
}

function selectorOf(node: SyntaxNode, expression: string): Selector {
  const text = (part: SyntaxNode | null | undefined) => part && expression.slice(part.from, part.to);
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  const ranged = node.parent?.name === 'MatrixSelector' ? node.parent : undefined;
  const whole = ranged ?? node;
  // Not taken from the tree: this parser reads `2 * a offset 1d` as `(2 * a) offset 1d`, Prometheus does not.
  const shift = /^\s*offset\s+(\w+)/.exec(expression.slice(whole.to));
  return {
    metric: text(node.getChild('Identifier')) ?? '',
    matchers: matchers.map((matcher) => text(matcher) ?? ''),
    from: node.from,
    to: node.to,
    range: text(ranged?.getChild('DurationExpr')) ?? undefined,
    calledBy: text(callAround(ranged)?.getChild('FunctionIdentifier')) ?? undefined,
    offset: shift?.[1],
    end: whole.to + (shift?.[0].length ?? 0),
  };
}

/** The function call around a range, outside brackets and offsets. */
function callAround(range: SyntaxNode | undefined): SyntaxNode | undefined {
  let node = range?.parent;
  while (node && node.name !== 'FunctionCall') node = node.parent;
  return node ?? undefined;
}
