const isTerminal = process.stdout.isTTY === true;
/** Somebody looks, and has not asked for plain text. */
export const isColoured = isTerminal && !process.env.NO_COLOR;
const paint = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);

/** The terminal's width, at most 120 columns; 120 where the output is no terminal. */
export const WIDTH = Math.max(60, Math.min(process.stdout.columns || 120, 120));

export function line(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Wraps text at the terminal's width: the first line follows `head`, the others are indented as far. */
export function wrapped(head: string, text: string, style = (line: string) => line): void {
  const indent = ' '.repeat(head.length);
  let current = '';
  let before = head;
  for (const word of wordsOf(text)) {
    if (current !== '' && indent.length + current.length + 1 + word.length > WIDTH) {
      line(before + style(current));
      before = indent;
      current = word;
    } else current += current === '' ? word : ` ${word}`;
  }
  line(before + style(current));
}

/** A number stays with its unit. */
function wordsOf(text: string): string[] {
  const joined = text.replaceAll(/(\d) (?=(?:ms|s|min|h)\b)/g, '$1\u00a0');
  return joined.split(' ').map((word) => word.replaceAll('\u00a0', ' '));
}

let removeProgress: () => void = () => undefined;

/** Shows a line of progress below what was printed, on a terminal only, until `hideProgress`. */
export function showProgress(text: () => string): void {
  if (!isTerminal) return;
  const startedMs = performance.now();
  const show = () => {
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    process.stdout.write(`\r\u001b[K${dim(`${text()}, ${seconds} s`)}`);
  };
  show();
  const timer = setInterval(show, 250);
  removeProgress = () => {
    clearInterval(timer);
    process.stdout.write('\r\u001b[K');
    removeProgress = () => undefined;
  };
}

export function hideProgress(): void {
  removeProgress();
}
