/** The first header of that name. Copies of undici hand them out as buffers or strings, names and values alternating. */
export function headerOf(headers: unknown, name: string): string | undefined {
  if (!Array.isArray(headers)) return undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const key: unknown = headers[i];
    const isCandidate = (typeof key === 'string' || Buffer.isBuffer(key)) && key.length === name.length;
    if (isCandidate && key.toString('latin1').toLowerCase() === name) return String(headers[i + 1]);
  }
  return undefined;
}

/** What undici takes off the announced timeout, by default: nothing is left of a shorter one, and nothing is pooled. */
const THRESHOLD_MS = 2_000;

/** That undici does not pool a connection is due to the announced timeout, not to a peer that asks for its end. */
export function isTooShortToPool(announcedMs: number | undefined, headers: unknown): boolean {
  if (announcedMs === undefined || announcedMs > THRESHOLD_MS) return false;
  return headerOf(headers, 'connection')?.toLowerCase() !== 'close';
}
