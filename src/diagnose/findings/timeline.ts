import type { Collection } from '../collect/collection';
import type { Judgements } from '../hindsight/judgement';

/** Parts into which the period is divided. */
const PARTS = 60;

/** Failures over time, hindsight included. */
export interface Timeline {
  readonly fromMs: number;
  readonly partMs: number;
  readonly parts: number;
  /** Failures in each part, by cause, the most frequent cause first. */
  readonly byCause: readonly { readonly cause: string; readonly counts: readonly number[] }[];
}

/** Undefined if no failure has a time. */
export function timelineOf({ table, fromMs, toMs }: Collection, judgements: Judgements): Timeline | undefined {
  if (!(toMs >= fromMs)) return undefined;
  const partMs = Math.max(1, (toMs - fromMs) / PARTS);
  const byCause = new Map<string, number[]>();
  for (let index = 0; index < table.length; index += 1) {
    const atMs = table.timeOf(index);
    if (Number.isNaN(atMs)) continue;
    const cause = judgements.get(index)?.cause ?? table.at(index).failure.cause ?? 'unknown';
    const counts = byCause.get(cause) ?? Array.from({ length: PARTS }, () => 0);
    byCause.set(cause, counts);
    const part = Math.max(0, Math.min(PARTS - 1, Math.floor((atMs - fromMs) / partMs)));
    counts[part] = (counts[part] ?? 0) + 1;
  }
  if (byCause.size === 0) return undefined;
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  const sorted = [...byCause].sort((a, b) => sum(b[1]) - sum(a[1]) || a[0].localeCompare(b[0]));
  return { fromMs, partMs, parts: PARTS, byCause: sorted.map(([cause, counts]) => ({ cause, counts })) };
}
