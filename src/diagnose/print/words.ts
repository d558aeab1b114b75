import { durationText } from '../../verdict/advice/phrases';
import type { Range } from '../collect/timeouts';
import { number } from '../wording';

/** Formats numbers and times for the terminal and the page. */

/** A share of 1,000, with one digit after the point where it is small. Only none is 0, and only all is 1,000. */
export function rateText(perThousand: number | undefined): string {
  if (perThousand === undefined) return '';
  if (perThousand > 0 && perThousand < 0.05) return '<0.1';
  if (perThousand >= 999.5 && perThousand < 1_000) return tenths(perThousand);
  return perThousand >= 100 ? number(Math.round(perThousand)) : String(Number(perThousand.toFixed(1)));
}

/** Only none is 0 %, and only all is 100 %. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '';
  const percent = (part * 100) / whole;
  if (percent > 0 && percent < 0.005) return '<0.01 %';
  if (percent >= 99.5 && percent < 100) return `${tenths(percent)} %`;
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : Number(percent.toFixed(percent < 0.1 ? 2 : 1))} %`;
}

/** Rounded down. */
function tenths(value: number): string {
  return (Math.floor(value * 10) / 10).toFixed(1);
}

/** An idle timeout, or the range of several; `none` for 0. */
export function timeoutText(range: Range | undefined): string {
  if (range === undefined) return '';
  const one = (ms: number) => (ms === 0 ? 'none' : durationText(ms));
  const [from, to] = [one(range.fromMs), one(range.toMs)];
  return from === to ? from : `${from} to ${to}`;
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

/** From when to when; the date only once if it is the same, and so the time. */
export function periodText({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string {
  const [from, to] = [dateText(fromMs), dateText(toMs)];
  if (from === to) return from;
  const date = from.slice(0, 11);
  return `${from} to ${to.startsWith(date) ? to.slice(date.length) : to}`;
}
