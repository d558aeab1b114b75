import { time } from '../../verdict/advice/phrases';
import type { Range } from '../collect/timeouts';

/** How numbers and times are said, in the terminal and on the page. */

/** A share of 1,000, with one digit after the point where it is small. */
export function rateText(perThousand: number | undefined): string {
  if (perThousand === undefined) return '';
  return perThousand >= 100 ? String(Math.round(perThousand)) : String(Number(perThousand.toFixed(1)));
}

export function share(part: number, whole: number): string {
  if (whole === 0) return '';
  const percent = (part * 100) / whole;
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : Number(percent.toFixed(percent < 0.1 ? 2 : 1))} %`;
}

/** An idle timeout, or the range of several; `none` for 0. */
export function timeoutText(range: Range | undefined): string {
  if (range === undefined) return '';
  const one = (ms: number) => (ms === 0 ? 'none' : time(ms));
  if (range.fromMs === range.toMs) return one(range.fromMs);
  return `${one(range.fromMs)} to ${one(range.toMs)}`;
}

const LARGEST_DATE_MS = 8.64e15;

/** `2026-11-28 12:03:04` in UTC. */
export function dateText(ms: number): string {
  if (!(Math.abs(ms) <= LARGEST_DATE_MS)) return 'an unknown time';
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '');
}

/** From when to when; the date only once if it is the same. */
export function periodText({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string {
  const [from, to] = [dateText(fromMs), dateText(toMs)];
  const date = from.slice(0, 11);
  return `${from} to ${to.startsWith(date) ? to.slice(date.length) : to}`;
}
