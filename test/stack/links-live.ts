import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../examples/stack/run/paths';
import type { RunningStack, StackUrls } from '../../examples/stack/run/stack';
import { filesBelow } from '../support/test-files';
import type { Check } from './check';

/** Every link into the stack opens in the stack without docker, or its page says what it needs; others are well formed. */

const PLACES = ['README.md', ...['docs', 'examples'].flatMap((folder) => filesBelow(folder, ''))];
const LINK = /\bhttps?:\/\/[^\s"'`)\]<>|\\]+/g;
/** Variables of Jaeger, Prometheus, Grafana and the shell. */
const VARIABLE = /HOST:(?:PORT|\d+)|…|[#$]\{[^}]*\}|\{\{[^}]*\}\}|\$(?:from|to)\b|<cause>/g;

/** What the stack without docker does not have, and the words that a page with such a link must have. */
const NEEDS: readonly (readonly [RegExp, RegExp])[] = [
  [/^http:\/\/localhost:3000/, /[Ww]ith docker/],
  [/^http:\/\/localhost:90(90|93)/, /[Ww]ith docker/],
  [/^http:\/\/localhost:16686\/?$/, /[Ww]ith docker/],
  [/^http:\/\/localhost:16686\/search/, /built from Go modules/],
  [/^http:\/\/localhost:16686\/api\/v3/, /Jaeger 2\.19 and later/],
];

interface Found {
  readonly file: string;
  readonly link: string;
  readonly text: string;
}

function linksOf(file: string): readonly Found[] {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  const whole = text.replaceAll(VARIABLE, 'stale_keepalive');
  const links = [...whole.matchAll(LINK)].map(([link]) => link.replace(/[.,:;*]+$/, ''));
  // A shell's variable as port: the health check of a container.
  const isWhole = (link: string) => !/^http:\/\/(?:127\.0\.0\.1:\$|stale_keepalive)/.test(link);
  return [...new Set(links.filter(isWhole))].map((link) => ({ file, link, text }));
}

export function liveChecks({ urls }: RunningStack): Check[] {
  const files = PLACES.filter((file) => /\.(md|ya?ml|json)$/.test(file) && linksOf(file).length > 0);
  return files.map((file) => ({
    name: `links of ${file}, opened`,
    program: 'fetch',
    async run() {
      const problems: string[] = [];
      for (const found of linksOf(file)) problems.push(...(await problemsOf(found, urls)));
      if (problems.length > 0) throw new Error(problems.join('\n'));
      return `${linksOf(file).length} links`;
    },
  }));
}

async function problemsOf({ file, link, text }: Found, urls: StackUrls): Promise<readonly string[]> {
  if (!URL.canParse(link)) return [`${link} is no URL`];
  const { hostname, port, pathname, search } = new URL(link);
  if (hostname !== 'localhost') return hostname.includes('.') || isOfCompose(file) ? [] : [`${link}: no host`];
  const needs = NEEDS.find(([pattern]) => pattern.test(link))?.[1];
  // Templates and settings are followed where they are used: in the alerts, the dashboards and Jaeger.
  if (needs !== undefined)
    return !file.endsWith('.md') || needs.test(text) ? [] : [`${link}: ${file} does not say ${needs}`];
  const base = { '9095': urls.pager, '16686': urls.jaeger, '4318': undefined }[port];
  if (base === undefined) return port === '4318' ? [] : [`${link}: no such port in the stack`];
  const response = await fetch(`${base}${pathname}${search}`);
  const body = await response.text();
  if (!response.ok) return [`${link}: ${response.status}`];
  const title = /<title>(.*)<\/title>/.exec(body)?.[1];
  const name = pathname.split('/').at(-1) || 'alerts';
  if (port === '9095' && !title?.toLowerCase().includes(name)) return [`${link}: the title is ${title}`];
  return port === '16686' && !body.startsWith('{') ? [`${link}: no JSON`] : [];
}

/** Addresses in settings of containers are names of compose.yaml. */
const isOfCompose = (file: string) => /\.(ya?ml)$/.test(file);
