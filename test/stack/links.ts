import fs from 'node:fs';
import path from 'node:path';
import { root, stackFolder } from '../../examples/stack/run/paths';
import type { Check } from './check';
import { tagsOf } from './jaeger/search';
import { readPage } from './markdown';
import { runbookFolder } from './runbooks/pages';

/** Every link of examples/stack that leads into the repository or to a runbook has a target. */

const RUNBOOK = /http:\/\/localhost:9095\/runbooks\/([^\s"'`)\]<>\\|,;]*)/g;
const JAEGER_SEARCH = /(?:http:\/\/localhost:16686)?\/search\?[^\s"'`)\]<>\\]+/g;
/** Variables in link patterns of Jaeger, in templates of Prometheus and Grafana, and `<cause>` in pages. */
const VARIABLE = /[#$]\{[^}]*\}|\{\{[^}]*\}\}|<cause>/g;
const ANY = 'ANY';

export function staticChecks(): Check[] {
  return filesBelow(stackFolder)
    .filter((file) => /\.(md|ya?ml|json)$/.test(file) && linksOf(file).length > 0)
    .map((file) => ({
      name: `links: ${path.relative(root, file)}`,
      program: 'files',
      run: async () => {
        const links = linksOf(file);
        const broken = links.flatMap(({ link, problem }) => (problem === undefined ? [] : [`${link}: ${problem}`]));
        if (broken.length > 0) throw new Error(broken.join('; '));
        return links.length === 1 ? '1 link' : `${links.length} links`;
      },
    }));
}

interface Followed {
  readonly link: string;
  readonly problem: string | undefined;
}

function linksOf(file: string): Followed[] {
  const text = fs.readFileSync(file, 'utf8').replaceAll(VARIABLE, ANY);
  return [...relativeLinks(file), ...runbookLinks(text), ...searchLinks(text)];
}

/** Links to files and headings, in Markdown. */
function relativeLinks(file: string): Followed[] {
  if (!file.endsWith('.md')) return [];
  const page = readPage(file);
  const isOurs = (link: string) => !/^[a-z]+:/.test(link);
  return page.links.filter(isOurs).map((link) => ({ link, problem: problemOf(file, link) }));
}

function problemOf(file: string, link: string): string | undefined {
  const [place = '', anchor] = decodeURI(link).split('#');
  const target = place === '' ? file : path.join(path.dirname(file), place);
  if (!fs.existsSync(target)) return 'no such file';
  if (!target.startsWith(root)) return 'it leaves the repository';
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  return readPage(target).anchors.has(anchor) ? undefined : 'no such heading';
}

function runbookLinks(text: string): Followed[] {
  return [...text.matchAll(RUNBOOK)].map(([link, rest = '']) => {
    const cause = rest.replace(/[.:]+$/, '');
    const isThere = cause === ANY || cause === '' || fs.existsSync(path.join(runbookFolder, `${cause}.md`));
    return { link, problem: isThere ? undefined : 'no such runbook' };
  });
}

/** Deep links into Jaeger's search page: their tags must be JSON, unless a template makes them. */
function searchLinks(text: string): Followed[] {
  const links = [...text.matchAll(JAEGER_SEARCH)].map(([link]) => link);
  const isWhole = (link: string) => !/tags=(ANY|\{\{)/.test(link);
  return links.filter(isWhole).map((link) => {
    try {
      tagsOf(link);
      return { link, problem: undefined };
    } catch (error) {
      return { link, problem: String(error) };
    }
  });
}

function filesBelow(folder: string): string[] {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
