import { Buffer } from 'node:buffer';

/**
 * The first header with that name, which consists of lower-case letters and hyphens. Copies of undici pass headers as
 * buffers or strings, names and values alternating. If it is the `expected` text again, no other string is made of it.
 */
export function headerOf(headers: unknown, name: string, expected?: string | null): string | undefined {
  if (!Array.isArray(headers)) return undefined;
  const { length } = name;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const key = headers[i] as string | Buffer | undefined;
    if (key?.length === length && isName(key, name)) return textOf(headers[i + 1], expected);
  }
  return undefined;
}

function isName(key: unknown, name: string): boolean {
  if (typeof key === 'string') return key.toLowerCase() === name;
  if (!Buffer.isBuffer(key)) return false;
  // A letter and its capital differ in one bit, which a hyphen also has set.
  for (let i = 0; i < name.length; i += 1) if (((key[i] ?? 0) | 0x20) !== name.charCodeAt(i)) return false;
  return true;
}

function textOf(value: unknown, expected: string | null | undefined): string {
  return expected != null && isText(value, expected) ? expected : String(value);
}

/** A buffer whose bytes are this text, in ASCII. */
function isText(value: unknown, text: string): boolean {
  if (!Buffer.isBuffer(value) || value.length !== text.length) return false;
  for (let i = 0; i < text.length; i += 1)
    if (value[i] !== text.charCodeAt(i) || text.charCodeAt(i) > 127) return false;
  return true;
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
