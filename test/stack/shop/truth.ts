/** Counts by process, call and event (`examples/stack/shop/truth.ts`). */
export type ShopTruth = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

export async function shopTruth(gateway: string): Promise<ShopTruth> {
  const response = await fetch(`${gateway}/truth`);
  if (!response.ok) throw new Error(`${gateway}/truth answered ${response.status}`);
  return (await response.json()) as ShopTruth;
}
