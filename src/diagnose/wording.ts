/** With commas between thousands. */
export function number(value: number): string {
  return value.toLocaleString('en');
}

/** "1 request", "1,200 requests". */
export function plural(count: number, noun: string): string {
  return `${number(count)} ${count === 1 ? noun : `${noun}s`}`;
}
