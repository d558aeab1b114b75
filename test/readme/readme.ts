import fs from 'node:fs';
import path from 'node:path';
import { root } from '../support/root';

const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');

/** The fenced blocks of the README whose info string is `info`. */
export function blocks(info: string): string[] {
  const found = [...readme.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)];
  return found.filter((match) => match[1] === info).map((match) => match[2] ?? '');
}

/** The rows of the table below a heading, cells trimmed; `column`, its first, tells it from others in the section. */
export function table(heading: string, column: string): string[][] {
  const section = readme.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const lines = section.slice(section.indexOf(`| ${column} |`)).split('\n');
  const rows = lines.slice(2, lines.indexOf(''));
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** Names in the first column of that table. */
export function names(heading: string, column: string): (string | undefined)[] {
  return table(heading, column).map(([cell]) => /`(.+)`/.exec(cell ?? '')?.[1]);
}
