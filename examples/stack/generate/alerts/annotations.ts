/** An annotation of a Grafana-managed alert, and the recorded series whose values appear in it. */
export interface Annotation {
  readonly text: string;
  /** The recorded series by the name of the query that returns it. */
  readonly values: ReadonlyMap<string, string>;
}

/** `{{ with print "peer:x:y" $of | query }}`: the value of a recorded series for the peer of the alert. */
const QUERY = /\{\{(-?) with printf? "([\w:]+)(?:\{[^"]*\})?"[^|{}]*\| query (-?)\}\}/g;

/**
 * Grafana expands Prometheus's templates but has no `query`, and its `$value` is a string. So each value comes from a
 * query of the alert, by its name; Grafana takes the series whose labels are those of the alert, or some of them.
 */
export function translated(template: string): Annotation {
  const values = new Map<string, string>();
  const text = template
    .replaceAll(/\{\{-? \$of := printf "[^"]*"[^{}]*\}\}\s*/g, '')
    .replaceAll(QUERY, (_, before: string, recorded: string, after: string) => {
      const name = recorded.replaceAll(':', '_');
      values.set(name, recorded);
      return `{{${before} with $values.${name} ${after}}}`;
    })
    .replaceAll('. | first | value', '.Value')
    .replaceAll(/\$value\b(?!s)/g, '$values.A.Value')
    .trim();
  const actions = text.match(/\{\{.*?\}\}/gs) ?? [];
  const foreign = actions.find((action) => /\b(query|first|value)\b|\$of\b/.test(action)) ?? /\$\{/.exec(text)?.[0];
  if (foreign !== undefined) throw new Error(`Grafana cannot expand ${foreign} in ${text}`);
  return { text, values };
}
