/** The change to make. */
export interface Fix {
  /** One sentence, without its full stop. */
  readonly text: string;
  /** Code to paste, on one line. */
  readonly code?: string;
  /** What to know before pasting the code. */
  readonly note?: string;
  /** The idle timeout that it sets, in ms. */
  readonly idleTimeoutMs?: number;
}

/** What a person needs to know about a failure. `why` and `retry` are one sentence each, without its full stop. */
export interface Advice {
  /** What happened, with the numbers that show it. */
  readonly why: string;
  readonly fix: Fix;
  /** Whether to retry. */
  readonly retry: string;
}

/** The value of `socket.failure.explanation`: why, fix and retry. */
export function explanationOf({ why, fix, retry }: Advice): string {
  return `${why}. ${fixText(fix)}. ${retry}.`;
}

/** A fix as one sentence, with its code and its note. */
export function fixText({ text, code, note }: Fix): string {
  return `${text}${code === undefined ? '' : `: ${code}`}${note === undefined ? '' : ` (${note})`}`;
}

/** The beginnings of advice about this process or machine rather than a host. */
export const CHECK_RESOLVER = 'Check the resolver';
export const UNBLOCK_LOOP = 'Find what blocks the event loop of this process';
export const OWN_DEADLINE = 'Give each request a deadline of its own';
export const RAISE_LIMIT = 'Raise the limit';

const BEGINNINGS = [CHECK_RESOLVER, UNBLOCK_LOOP, OWN_DEADLINE, RAISE_LIMIT];

/** Which of these it is; undefined if the advice is about a host. */
export function processWide(text: string): string | undefined {
  return BEGINNINGS.find((beginning) => text.startsWith(beginning));
}
