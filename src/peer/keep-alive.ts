const TIMEOUT = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;\s])/i;
const DAY_S = 86_400;

/** The last header that was read, and what it announces: a peer repeats it with every answer. */
let last: string | undefined;
let lastMs: number | undefined;

/**
 * The idle timeout that a `Keep-Alive` response header announces, in ms, at most a day: `timeout=5, max=100` in any
 * order and case (RFC 2068 section 19.7.1.1). Undefined if it is absent, not a plain number, or 0.
 */
export function announcedTimeoutMs(header: unknown): number | undefined {
  if (typeof header !== 'string' || header.length > 256) return undefined;
  if (header === last) return lastMs;
  const seconds = Number(TIMEOUT.exec(header)?.[1] ?? 0);
  last = header;
  lastMs = seconds > 0 ? Math.min(seconds, DAY_S) * 1_000 : undefined;
  return lastMs;
}
