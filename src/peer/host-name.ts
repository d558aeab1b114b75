/** No DNS name (RFC 1035) and no address is longer. */
const LONGEST = 253;
/** A character of a name, in any script, or of an address. */
const OWN = String.raw`[\p{L}\p{M}\p{N}._:%~-]`;

/**
 * A host name that is safe to keep and to report, since strangers choose names too. An impossible one is cut, and its
 * invalid characters become `_`.
 */
export function clampedHost(host: string): string {
  // Parsing it takes 0.4 ms, and almost no host comes here: it must not be a literal.
  const own = new RegExp(OWN, 'u');
  return flat(host, LONGEST)
    .map((character) => (own.test(character) ? character : '_'))
    .join('');
}

/** The first characters of a text, as a separate string: a slice would keep the whole text in memory. */
export function head(text: string, length: number): string {
  return text.length > length ? flat(text, length).join('') : text;
}

function flat(text: string, length: number): string[] {
  return [...text.slice(0, length)];
}
