/**
 * One documented part of `examples/stack` (a query, a panel, a rule, a configuration, a link), executed by the program
 * for which it is written. `npm run test:stack` prints a line for each, and fails on the first that is empty or wrong.
 */
export interface Check {
  /** What is checked, as a person would name it: `panel: Which host resets`. */
  readonly name: string;
  /**
   * The program that executes it: `prometheus`, `promtool`, `jaeger`, `otelcol`, `amtool`, `dclint`, `lezer-promql` …
   */
  readonly program: string;
  /** Resolves to the result in a few words (`12 series`); throws an error that says what is empty or wrong. */
  run(): Promise<string>;
}
