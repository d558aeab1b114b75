/**
 * The first header with that name. Copies of undici pass headers as buffers or strings, names and values alternating.
 */
export function headerOf(headers: unknown, name: string): string | undefined {
  if (!Array.isArray(headers)) return undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const key: unknown = headers[i];
    if (isText(key) && key.length === name.length && key.toString('latin1').toLowerCase() === name)
      return String(headers[i + 1]);
  }
  return undefined;
}

function isText(key: unknown): key is string | Buffer {
  return typeof key === 'string' || Buffer.isBuffer(key);
}

/**
 * What undici subtracts from the announced timeout by default: nothing is left of a shorter one, so it pools nothing.
 */
const THRESHOLD_MS = 2_000;

/** undici does not pool the connection because of the announced timeout, not because the peer asked to close it. */
export function isTooShortToPool(announcedMs: number | undefined, headers: unknown): boolean {
  if (announcedMs === undefined || announcedMs > THRESHOLD_MS) return false;
  return headerOf(headers, 'connection')?.toLowerCase() !== 'close';
}
