/** No DNS name is longer (RFC 1035), and no address. */
const LONGEST = 253;
/** A character of a name, in any script, or of an address. */
const OWN = /[\p{L}\p{M}\p{N}._:%~-]/u;

/** A host as it may be kept and said: strangers choose names too. What can be none is cut, or has `_` in it. */
export function clampedHost(host: string): string {
  return flat(host, LONGEST).map(named).join('');
}

/** The first characters of a text, as a string of its own: a slice would keep all of the text in memory. */
export function head(text: string, length: number): string {
  return text.length > length ? flat(text, length).join('') : text;
}

function flat(text: string, length: number): string[] {
  return [...text.slice(0, length)];
}

function named(character: string): string {
  return OWN.test(character) ? character : '_';
}
