/** What a Prometheus says at this moment, and what the shop itself says that it did. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export async function query(prometheus: string, promql: string): Promise<readonly Sample[]> {
  const response = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query: promql })}`);
  const { status, error, data } = (await response.json()) as Answer;
  if (status !== 'success' || data === undefined) throw new Error(`${promql}: ${error}`);
  return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly result: readonly { readonly metric: Sample['labels']; readonly value: readonly [number, string] }[];
  };
}

/** Counts by process, call and event (`examples/stack/shop/truth.ts`). */
export type ShopTruth = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

export async function shopTruth(gateway: string): Promise<ShopTruth> {
  const response = await fetch(`${gateway}/truth`);
  if (!response.ok) throw new Error(`${gateway}/truth answered ${response.status}`);
  return (await response.json()) as ShopTruth;
}
