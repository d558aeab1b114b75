import fs from 'node:fs';
import path from 'node:path';
import { root } from '../support/root';

/** The pages whose tables and examples are held against the code. */
export type Page = 'README.md' | `docs/${'attributes' | 'clients' | 'metrics' | 'options'}.md`;

export function textOf(page: Page): string {
  return fs.readFileSync(path.join(root, page), 'utf8');
}

/** The fenced blocks of the README whose info string is `info`. */
export function blocks(info: string): string[] {
  const found = [...textOf('README.md').matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)];
  return found.filter((match) => match[1] === info).map((match) => match[2] ?? '');
}

/** The rows of the table below a heading, cells trimmed; `column`, its first, tells it from others in the section. */
export function table(page: Page, heading: string, column: string): string[][] {
  const sections = textOf(page).split(/^#+ /m);
  const section = sections.find((text) => text.startsWith(`${heading}\n`) && text.includes(`| ${column} |`)) ?? '';
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
export function names(page: Page, heading: string, column: string): (string | undefined)[] {
  return table(page, heading, column).map(([cell]) => /`(.+)`/.exec(cell ?? '')?.[1]);
}
