/** A series that Prometheus returns, with its value at one moment. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly result: readonly { readonly metric: Sample['labels']; readonly value: readonly [number, string] }[];
  };
}

/** `time`: RFC 3339 or seconds; now by default. */
export async function query(prometheus: string, promql: string, time?: string): Promise<readonly Sample[]> {
  const parameters = new URLSearchParams({ query: promql, ...(time === undefined ? {} : { time }) });
  const response = await fetch(`${prometheus}/api/v1/query?${parameters}`);
  const { status, error, data } = (await response.json()) as Answer;
  if (status !== 'success' || data === undefined) throw new Error(`${promql}: ${error}`);
  return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
}
