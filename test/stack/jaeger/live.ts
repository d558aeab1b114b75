import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAILURE_CAUSES } from '../../../src/verdict/failure';
import type { Check } from '../check';
import { sameDiagnosis } from '../diagnose/same';
import { fence, runbook } from '../runbooks/pages';
import { retried } from '../until';
import { type Played, playDemo } from './demo';
import { documentedSearches, type Search, typedTags } from './search';
import { DEMO_HOST, IN_FLIGHT, MAY_BE_EMPTY_IN_SHOP, TRUTH, TRUTH_BY_CAUSE } from './truth';

/** The programs that these checks use, by their base URLs. */
export interface Stack {
  readonly urls: { readonly collector: string; readonly jaeger: string };
}

interface JaegerSpan {
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
}

/**
 * The demo's spans go through the Collector into Jaeger, and every documented search finds exactly those that it
 * should. As documented, for the shop's `orders`, it finds some.
 */
export function liveChecks({ urls }: Stack): Check[] {
  let played: Promise<Played> | undefined;
  const demo = () => {
    played ??= playDemo(urls.collector);
    return played;
  };
  return [
    ...['gateway', 'orders'].map((service) => ({
      name: `jaeger: knows ${service}`,
      program: 'jaeger',
      run: () => retried(() => knows(urls.jaeger, service)),
    })),
    { name: 'jaeger: all spans of the demo arrive', program: 'jaeger', run: () => arrival(urls.jaeger, demo) },
    {
      name: 'diagnose: a file, standard input and Jaeger give the same for the demo',
      program: 'jaeger',
      run: () => sameDiagnosis(urls.jaeger, demo),
    },
    ...documentedSearches().map((search) => ({
      name: `jaeger/README.md, in the demo: ${search.question}`,
      program: 'jaeger',
      run: () => answer(urls.jaeger, search, demo),
    })),
    ...documentedSearches()
      .filter(({ question }) => MAY_BE_EMPTY_IN_SHOP[question] === undefined)
      .map((search) => ({
        name: `jaeger/README.md, in the shop: ${search.question}`,
        program: 'jaeger',
        run: () => answerInShop(urls.jaeger, search),
      })),
    ...FAILURE_CAUSES.map((cause) => ({
      name: `runbook ${cause}: the tags find its spans`,
      program: 'jaeger',
      run: () => runbookTags(urls.jaeger, cause, demo),
    })),
  ];
}

async function knows(jaeger: string, service: string): Promise<string> {
  const { data: services } = (await (await fetch(`${jaeger}/api/services`)).json()) as { data: readonly string[] };
  if (!services.includes(service)) throw new Error(`it knows ${services.join(', ')}`);
  return services.join(', ');
}

const WAIT_MS = 30_000;

async function arrival(jaeger: string, demo: () => Promise<Played>): Promise<string> {
  const { startUs, calls } = await demo();
  const until = Date.now() + WAIT_MS;
  const url = `${jaeger}/api/traces?service=shop-with&limit=1000&start=${startUs}`;
  let found = await callsFound(url);
  while (found.length < calls.length && Date.now() < until) {
    await sleep(250);
    found = await callsFound(url);
  }
  assert.deepEqual(found, [...calls].sort());
  return `${found.length} spans`;
}

/** The third form for the demo: its service and hosts in place of the shop's, and only spans since it started. */
async function answer(jaeger: string, search: Search, demo: () => Promise<Played>): Promise<string> {
  const { startUs } = await demo();
  const host = DEMO_HOST[search.question] ?? 'payments';
  const first = atJaeger(jaeger, search).replace('service=orders', 'service=shop-with').replace('payments', host);
  const url = `${first}&start=${startUs}`;
  if (search.tags['socket.failure.cause'] === 'peer_restart') return endsInFlight(url, 'peer_restart');
  const truth = TRUTH[search.question];
  assert.ok(truth !== undefined && truth.length > 0, 'truth.ts has no answer');
  return compared(await callsFound(url), truth);
}

/** A search for one of the two causes of ends in flight and the same search for the other one find each end once. */
async function endsInFlight(url: string, cause: 'peer_restart' | 'peer_aborted'): Promise<string> {
  const found = await callsFound(url);
  const others = await callsFound(url.replace(cause, cause === 'peer_restart' ? 'peer_aborted' : 'peer_restart'));
  assert.deepEqual([...found, ...others].sort(), [...IN_FLIGHT].sort());
  return `${found.length} spans; ${others.length} with the other cause of ends in flight`;
}

/** The third form, as documented. */
async function answerInShop(jaeger: string, search: Search): Promise<string> {
  const found = await callsFound(atJaeger(jaeger, search));
  assert.ok(found.length > 0, `no span of the shop is found by ${search.first}`);
  return `${found.length} spans in the traces that it finds`;
}

const atJaeger = (jaeger: string, { first }: Search) => first.replace('http://localhost:16686', jaeger);

/** A runbook's search, for the demo's service; finds nothing where the demo does not make the cause. */
async function runbookTags(jaeger: string, cause: string, demo: () => Promise<Played>): Promise<string> {
  const { startUs } = await demo();
  const tags = JSON.stringify(typedTags(fence(runbook(cause), 'jaeger')));
  const url = `${jaeger}/api/traces?service=shop-with&start=${startUs}&tags=${encodeURIComponent(tags)}`;
  if (cause === 'peer_restart' || cause === 'peer_aborted') return endsInFlight(url, cause);
  return compared(await callsFound(url), TRUTH_BY_CAUSE[cause] ?? []);
}

function compared(found: readonly string[], truth: readonly string[]): string {
  assert.deepEqual(found, [...truth].sort());
  if (truth.length === 0) return 'executed; the demo has none, and none is found';
  return truth.length === 1 ? '1 span, as expected' : `${truth.length} spans, as expected`;
}

/** The calls of all spans in the traces that a search finds. */
async function callsFound(url: string): Promise<string[]> {
  const response = await fetch(url);
  const { data, errors } = (await response.json()) as { data: { spans: JaegerSpan[] }[] | null; errors?: unknown };
  assert.ok(response.ok && !errors, `${response.status} ${JSON.stringify(errors)}`);
  return (data ?? []).flatMap(({ spans }) => spans.map(callOf)).sort();
}

function callOf({ tags }: JaegerSpan): string {
  const value = (name: string) => tags.find(({ key }) => key === name)?.value;
  const full = value('url.full');
  const path = full === undefined ? String(value('url.path')) : new URL(String(full)).pathname;
  return path.replace(/^\/with\//, '/');
}
