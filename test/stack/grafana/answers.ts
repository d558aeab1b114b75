/** What Prometheus answers to a panel. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly value?: readonly [number, string];
}

/** The range of the dashboards in the checks: about as long as the shop runs. */
const RANGE_S = 300;
const STEP_S = 5;

export async function seriesAt(prometheus: string, query: string): Promise<readonly Series[]> {
  const { result } = await get<{ result: Series[] }>(prometheus, `query?${new URLSearchParams({ query })}`);
  return result;
}

export async function seriesOver(prometheus: string, query: string): Promise<readonly Series[]> {
  // As Grafana does, at multiples of the step: the series of two queries have values at the same times.
  const now = Math.floor(Date.now() / 1_000 / STEP_S) * STEP_S;
  const when = { query, start: String(now - RANGE_S), end: String(now), step: String(STEP_S) };
  const { result } = await get<{ result: Series[] }>(prometheus, `query_range?${new URLSearchParams(when)}`);
  return result;
}

export async function get<T>(prometheus: string, path: string): Promise<T> {
  const response = await fetch(`${prometheus}/api/v1/${path}`);
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  if (status !== 'success') throw new Error(`Prometheus refused ${path}: ${error}`);
  return data;
}
