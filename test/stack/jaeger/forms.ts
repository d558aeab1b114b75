import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { documentedSearches, type Search, tagsOf } from './search';

/** Checks of the documented searches and of Jaeger's page that need no running program. */
export function staticChecks(): Check[] {
  return [
    ...documentedSearches().map(formsAgree),
    { name: 'jaeger/ui.json: Jaeger UI knows every key', program: 'json', run: uiConfiguration },
  ];
}

/** The four forms of a search have the same tags. */
function formsAgree(search: Search): Check {
  return {
    name: `jaeger/README.md, forms: ${search.question}`,
    program: 'url',
    async run() {
      const urls = [search.page, search.first, search.third];
      assert.ok(Object.keys(search.tags).length > 0, 'no tags');
      for (const url of urls) assert.deepEqual(tagsOf(url), search.tags, url);
      const paths = ['/search', '/api/traces', '/api/v3/traces'];
      assert.deepEqual(
        urls.map((url) => new URL(url).pathname),
        paths,
      );
      const services = urls.map((url) => {
        const { searchParams } = new URL(url);
        return searchParams.get('service') ?? searchParams.get('query.serviceName');
      });
      assert.equal(new Set(services).size, 1, `services ${services.join(', ')}`);
      return `${Object.keys(search.tags).length} tags, the same in 4 forms`;
    },
  };
}

/** The keys of ours that Jaeger UI reads, from types/config and model/link-patterns of 1.62 and of 2.20. */
const PATTERN_KEYS = ['type', 'key', 'value', 'url', 'text'];
const ITEM_KEYS = ['label', 'url', 'anchorTarget'];
const TYPES = ['process', 'tags', 'logs', 'traces'];

interface Item {
  readonly label: string;
  readonly url?: string;
  readonly items?: readonly Item[];
}

interface Ui {
  readonly topTagPrefixes: readonly string[];
  readonly linkPatterns: readonly Readonly<Record<string, unknown>>[];
  readonly menu: readonly Item[];
}

async function uiConfiguration(): Promise<string> {
  const ui: Ui = JSON.parse(fs.readFileSync(path.join(stackFolder, 'jaeger/ui.json'), 'utf8'));
  assert.deepEqual(Object.keys(ui).sort(), ['linkPatterns', 'menu', 'topTagPrefixes']);
  assert.ok(ui.topTagPrefixes.includes('socket.'));
  for (const pattern of ui.linkPatterns) {
    for (const key of Object.keys(pattern)) assert.ok(PATTERN_KEYS.includes(key), `linkPatterns: ${key}`);
    assert.ok(TYPES.includes(String(pattern.type)), `linkPatterns: type ${pattern.type}`);
    // A variable is the name of a tag: the pattern's own, or another one of the same span.
    const url = String(pattern.url).replaceAll(/#\{([a-z_]+(\.[a-z_]+)+)\}/g, 'stale_keepalive');
    assert.ok(URL.canParse(url) && !/[#{}]/.test(url), `linkPatterns: ${pattern.url}`);
    assert.equal(typeof pattern.text, 'string');
  }
  const items = ui.menu.flatMap((entry) => entry.items ?? [entry]);
  for (const item of items) {
    for (const key of Object.keys(item)) assert.ok(ITEM_KEYS.includes(key), `menu: ${key}`);
    assert.ok(item.url?.startsWith('/search?') || URL.canParse(item.url ?? ''), `menu: ${item.url}`);
  }
  return `${ui.linkPatterns.length} link patterns, ${items.length} menu entries`;
}
