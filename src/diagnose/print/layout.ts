import { number } from '../wording';

/** Lays plain text out in a given width. Marks of a terminal are added afterwards, because they have no width. */

const NO_BREAK = '\u00a0';

/** Text that stays on one line where there is room for it. */
export function together(text: string): string {
  return text.replaceAll(' ', NO_BREAK);
}

/** The text in lines of at most `width`; longer words get a line of their own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].map((each) => each.replaceAll(NO_BREAK, ' '));
}

/** The text behind `first`, its other lines indented to the same column. */
export function hanging(first: string, text: string, width: number): string[] {
  const indent = ' '.repeat(first.length);
  return wrap(text, Math.max(20, width - first.length)).map((line, i) => `${i === 0 ? first : indent}${line}`);
}

/** The line below a list that shows only its first entries. */
export function moreText(all: number, shown: number): string {
  return `… and ${number(all - shown)} more; --json has them.`;
}

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
}

const GAP = '  ';
const NARROWEST = 16;
const INDENT = '   ';

/** A table whose last column wraps; the head is its first line. A column without a single cell is left out. */
export function table(all: readonly Column[], cells: readonly (readonly string[])[], width: number): string[] {
  const filled = all.map((_, i) => cells.some((row) => (row[i] ?? '') !== ''));
  const columns = all.filter((_, i) => filled[i]);
  const rows = cells.map((row) => row.filter((_, i) => filled[i]));
  const last = columns.length - 1;
  const most = Math.max(NARROWEST, Math.floor(width / 2.5));
  const widths = columns.map(({ title }, i) => {
    const texts = rows.map((row) => row[i] ?? '');
    const longest = Math.max(title.length, ...texts.map(({ length }) => length));
    // A name that would look like another one is not cut.
    const areDistinct = new Set(texts.map((text) => shorten(text, most))).size === new Set(texts).size;
    return areDistinct ? Math.min(most, longest) : longest;
  });
  const line = (cells: readonly string[]): string[] => {
    const fixed = columns.slice(0, last).map(({ isNumber }, i) => {
      const cell = shorten(cells[i] ?? '', widths[i] ?? 0);
      return isNumber ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
    });
    const start = `${INDENT}${fixed.join(GAP)}${GAP}`;
    const isRight = columns[last]?.isNumber === true;
    const text = cells[last] ?? '';
    return hanging(start, isRight ? text.padStart(widths[last] ?? 0) : text, width).map((each) => each.trimEnd());
  };
  return [...line(columns.map(({ title }) => title)), ...rows.flatMap(line)];
}

/** Cut in the middle, because names differ at the ends. */
function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const start = Math.ceil((width - 1) / 2);
  return `${text.slice(0, start)}…${text.slice(text.length - (width - 1 - start))}`;
}
