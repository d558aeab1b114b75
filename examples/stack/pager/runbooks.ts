import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The runbooks as a wiki would show them. A page is read again for each request: edit and reload. */

/**
 * The HTML of a page; undefined if there is no page of that name. A name has no dot and no slash, so no other file is
 * read.
 */
export async function runbook(folder: string, name: string): Promise<string | undefined> {
  if (!/^[a-z_]+$/.test(name)) return undefined;
  const text = await readFile(path.join(folder, `${name}.md`), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : page(name, `${await html(text)}<p><a href="/runbooks">All runbooks</a></p>`);
}

export async function contents(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((file) => file.endsWith('.md')).map((file) => file.slice(0, -3));
  const items = names.sort().map((name) => `<li><a href="/runbooks/${name}">${name}</a></li>`);
  return page('Runbooks', `<h1>Runbooks</h1><ul>${items.join('')}</ul>`);
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

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #222; }
pre { padding: 0.75rem; white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; }
code { font: 0.9em ui-monospace, monospace; }
table { border-collapse: collapse; }
td, th { padding: 0.3rem 0.6rem; border: 1px solid #ccc; text-align: left; vertical-align: top; }
</style></head><body>${content}</body></html>
`;
}
