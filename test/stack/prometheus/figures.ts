/** The figures in an alert's text, and those that its template can put there. */

const FIGURE = /\d+(?:\.\d+)?(?:[a-zµ]+|(?= %))?/g;
const ACTION = /\{\{.*?\}\}/gs;

/** Numbers with their units: `3`, `2.01s`; `1m 15s` is two. */
export function figuresIn(text: string): readonly string[] {
  return text.match(FIGURE) ?? [];
}

/** The figures that stand in the template itself. */
export function constantsOf(template: string): readonly string[] {
  return figuresIn(template.replaceAll(ACTION, ' '));
}

/** The series whose values the template prints. */
export function seriesIn(template: string): readonly string[] {
  return [...template.matchAll(/printf? "([\w:]+:[\w:]+)/g)].map(([, name = '']) => name);
}

/** A value in every way in which templates print one. */
export function printed(value: number): readonly string[] {
  return [value.toFixed(0), value.toFixed(1), String(value), ...humanDuration(value).split(' ')];
}

/** `humanizeDuration` of Prometheus. */
export function humanDuration(seconds: number): string {
  if (seconds === 0) return '0s';
  if (seconds >= 1) {
    const whole = Math.floor(seconds);
    const [days, hours, minutes] = [
      Math.floor(whole / 86_400),
      Math.floor(whole / 3_600) % 24,
      Math.floor(whole / 60) % 60,
    ];
    if (days > 0) return `${days}d ${hours}h ${minutes}m ${whole % 60}s`;
    if (hours > 0) return `${hours}h ${minutes}m ${whole % 60}s`;
    if (minutes > 0) return `${minutes}m ${whole % 60}s`;
    return `${fourDigits(seconds)}s`;
  }
  return `${fourDigits(seconds * 1_000)}ms`;
}

const fourDigits = (value: number) => String(Number(value.toPrecision(4)));

/** What is wrong with the counts and shares of a text: "4 of 3", "30 of 100 (20 %)", "3 of 8 (38 %)". */
export function falseShares(text: string): readonly string[] {
  const problems: string[] = [];
  for (const [found, part = '', whole = ''] of text.matchAll(/(\d+)(?: [a-z]+)?,? of (\d+)/g))
    if (Number(part) > Number(whole)) problems.push(`${found}: more than all`);
  for (const [found, part, whole, percent] of text.matchAll(/(\d+) of (\d+) [^.]*?\((\d+(?:\.\d+)?) %\)/g)) {
    if (Number(whole) < 100) problems.push(`${found}: a percentage of less than 100`);
    const isClose = Math.abs((100 * Number(part)) / Number(whole) - Number(percent)) <= 0.5;
    if (!isClose || !/^\d+$/.test(percent ?? '')) problems.push(`${found}: not the share`);
  }
  return problems;
}
