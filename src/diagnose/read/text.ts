/** Control, format and unassigned characters, lone surrogates, and the separators of lines. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const LONGEST = 200;

/**
 * Text from outside that is safe to print: on one line, at most 200 characters by default, and without what a terminal
 * obeys or a reader cannot see (escape sequences, changes of the writing direction).
 */
export function printable(text: string, longest = LONGEST): string {
  const clipped = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return clipped.replace(UNPRINTABLE, '?');
}
