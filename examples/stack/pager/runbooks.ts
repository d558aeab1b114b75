import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The runbooks as a wiki would show them. A page is read again for each request: edit and reload. */

/**
 * The HTML of a page; undefined if there is no page of that name. A name has no dot and no slash, so no other file is
 * read.
 */
export async function runbook(folder: string, name: string): Promise<string | undefined> {
  if (!/^[a-z_]+$/.test(name)) return undefined;
  const text = await readFile(path.join(folder, `${name}.md`), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const title = /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? name;
  return page(title, `${await html(text)}<p><a href="/runbooks">All runbooks</a> · <a href="/alerts">Alerts</a></p>`);
}

/** The index is the folder's README, whose links are relative to a folder. */
export async function contents(folder: string): Promise<string> {
  const text = await readFile(path.join(folder, 'README.md'), 'utf8');
  const links = text.replaceAll(/\]\((\w+)\.md/g, '](/runbooks/$1');
  return page('Runbooks', `${await html(links)}<p><a href="/alerts">Alerts</a></p>`);
}

/** Headings get the ids to which other Markdown pages link. */
async function html(text: string): Promise<string> {
  const { Marked } = await import('marked');
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        const id = text
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replace(/\s/g, '-');
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
    },
  });
  return marked.parse(text);
}

/** A whole page; `content` is HTML, `title` is text. */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #222; }
pre { padding: 0.75rem; white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; }
code { font: 0.9em ui-monospace, monospace; }
table { border-collapse: collapse; }
tr.resolved { color: #777; }
td, th { padding: 0.3rem 0.6rem; border: 1px solid #ccc; text-align: left; vertical-align: top; }
</style></head><body>${content}</body></html>
`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
