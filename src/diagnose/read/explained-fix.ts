import { printable } from './text';

/** Longer than any that this package writes; a limit on attributes may have cut it off. */
const LONGEST = 1_000;

/**
 * The change that `socket.failure.explanation` advises, without full stop: the second of its three sentences. Undefined
 * if it is another or incomplete text.
 */
export function explainedFix(explanation: string | undefined): string | undefined {
  if (explanation === undefined || explanation.length > LONGEST || !explanation.endsWith('.')) return undefined;
  const [why, fix, retry, more] = explanation.split('. ');
  if (!why || !fix || !retry || more !== undefined) return undefined;
  return printable(fix, LONGEST);
}
