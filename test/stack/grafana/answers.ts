/** What Prometheus answers to a panel. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly value?: readonly [number, string];
}

/** The range of the dashboards in the checks: about as long as the shop runs. */
const RANGE_S = 300;

export async function seriesAt(prometheus: string, query: string): Promise<readonly Series[]> {
  const { result } = await get<{ result: Series[] }>(prometheus, `query?${new URLSearchParams({ query })}`);
  return result;
}

export async function seriesOver(prometheus: string, query: string): Promise<readonly Series[]> {
  const now = Date.now() / 1_000;
  const when = { query, start: String(now - RANGE_S), end: String(now), step: '5' };
  const { result } = await get<{ result: Series[] }>(prometheus, `query_range?${new URLSearchParams(when)}`);
  return result;
}

export async function get<T>(prometheus: string, path: string): Promise<T> {
  const response = await fetch(`${prometheus}/api/v1/${path}`);
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  if (status !== 'success') throw new Error(`Prometheus refused ${path}: ${error}`);
  return data;
}
