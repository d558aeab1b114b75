import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../support/root';

const LINK = /\]\(([^)\s]+)\)/g;
const docs = fs.readdirSync(path.join(root, 'docs')).map((file) => `docs/${file}`);
const pages = ['README.md', 'CONTRIBUTING.md', ...docs];

const read = (page: string) => fs.readFileSync(path.join(root, page), 'utf8');
/** Where a heading is found, by the rules of GitHub. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

function anchorsIn(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

for (const page of pages) {
  test(`${page}: each link into the repository leads to a file, and to a heading where it names one`, () => {
    const links = [...read(page).matchAll(LINK)].map(([, target = '']) => target);
    assert.ok(links.length > 0 || page === 'docs/clients.md');
    for (const link of links.filter((one) => !/^https?:/.test(one))) {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
      assert.ok(fs.existsSync(path.join(root, target)), link);
      if (anchor !== undefined) assert.ok(anchorsIn(target).includes(anchor), link);
    }
  });

  test(`${page}: no line is longer than 120 columns`, () => {
    const lines = read(page).split('\n');
    assert.deepEqual(
      lines.map((line, i) => `${i + 1}: ${[...line].length}`).filter((_, i) => [...(lines[i] ?? '')].length > 120),
      [],
    );
  });
}
