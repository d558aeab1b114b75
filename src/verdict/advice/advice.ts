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
