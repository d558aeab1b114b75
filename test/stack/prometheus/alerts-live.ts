import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningStack, StackUrls } from '../../../examples/stack/run/stack';
import { json } from '../alertmanager/messages';
import type { Check } from '../check';
import { shopTruth } from '../shop/truth';
import { until } from '../until';
import { constantsOf, falseShares, figuresIn, printed, seriesIn } from './figures';
import { PLANTED } from './planted';
import { query } from './query';

const PATIENCE_MS = 120_000;
/** A sentence is false if it is so in this many evaluations: one may fall between two samples. */
const EVALUATIONS = 3;

interface Rule {
  readonly name: string;
  readonly query: string;
  readonly lastEvaluation: string;
  /** Templates. */
  readonly annotations: Texts;
  readonly alerts: readonly { readonly labels: Texts; readonly annotations: Texts; readonly state: string }[];
}

type Texts = Readonly<Record<string, string>>;

/** One alert at one evaluation. */
interface Firing {
  readonly rule: Rule;
  readonly labels: Texts;
  readonly annotations: Texts;
}

/** Whatever fires says nothing that Prometheus, the shop or a link contradicts; the planted alerts do. */
export function liveChecks({ urls }: RunningStack): Check[] {
  return [
    { name: 'every firing alert is true', program: 'prometheus', run: () => allTrue(urls) },
    ...PLANTED.map((name) => ({
      name: `${name}, which is false, is found`,
      program: 'prometheus',
      run: () => until(`a false sentence of ${name}`, PATIENCE_MS, () => firstFalse(urls, name)),
    })),
  ];
}

async function allTrue(urls: StackUrls): Promise<string> {
  const seen = new Set<string>();
  const suspects = new Map<string, number>();
  for (let evaluation = 0; evaluation < EVALUATIONS; evaluation += 1) {
    const found = new Set<string>();
    for (const firing of await allFiring(urls, (name) => !isPlanted(name))) {
      seen.add(firing.rule.name);
      for (const problem of await problemsOf(firing, urls)) found.add(`${firing.rule.name}: ${problem}`);
    }
    for (const problem of found) suspects.set(problem, (suspects.get(problem) ?? 0) + 1);
    await sleep(1_500);
  }
  // The same sentence with other figures is the same problem.
  const kindOf = (problem: string) => problem.replace(/\d+(?:\.\d+)?/g, 'N');
  const kinds = new Map<string, number>();
  for (const [problem, times] of suspects) kinds.set(kindOf(problem), (kinds.get(kindOf(problem)) ?? 0) + times);
  const lasting = [...suspects.keys()].filter((problem) => (kinds.get(kindOf(problem)) ?? 0) >= EVALUATIONS);
  if (lasting.length > 0) throw new Error(lasting.join('\n'));
  if (seen.size < 5) throw new Error(`only ${[...seen].join(', ')} fired`);
  return `${seen.size} alerts: ${[...seen].join(', ')}`;
}

async function firstFalse(urls: StackUrls, name: string): Promise<string | undefined> {
  for (const firing of await allFiring(urls, (one) => one === name)) {
    const [problem] = await problemsOf(firing, urls);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const isPlanted = (name: string) => (PLANTED as readonly string[]).includes(name);

async function allFiring({ prometheus }: StackUrls, isWanted: (name: string) => boolean): Promise<readonly Firing[]> {
  const { data } = (await json(`${prometheus}/api/v1/rules?type=alert`)) as {
    readonly data: { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
  };
  return data.groups
    .flatMap(({ rules }) => rules)
    .filter(({ name }) => isWanted(name))
    .flatMap((rule) =>
      rule.alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels, annotations }) => ({ rule, labels, annotations })),
    );
}

async function problemsOf(firing: Firing, urls: StackUrls): Promise<readonly string[]> {
  const { summary = '', description = '' } = firing.annotations;
  const text = `${summary}. ${description}`;
  return [
    ...falseShares(text),
    ...(await unknownFigures(firing, text, urls)),
    ...(await falseRestart(summary, urls)),
    ...(await deadLinks(firing, urls)),
  ];
}

/** Each figure is in the template, in a label, or the value of a query at the evaluation of the rule. */
async function unknownFigures({ rule, labels, annotations }: Firing, text: string, { prometheus }: StackUrls) {
  const at = rule.lastEvaluation;
  const isThis = (one: Texts) => Object.entries(one).every(([name, value]) => labels[name] === value);
  const value = (await query(prometheus, rule.query, at)).find((sample) => isThis(without(sample.labels)));
  // It is kept firing: its text is that of an earlier evaluation.
  if (value === undefined) return [];
  const template = Object.keys(annotations).map((name) => rule.annotations[name] ?? '');
  const known = new Set([...template.flatMap(constantsOf), ...Object.values(labels).flatMap(figuresIn)]);
  for (const one of printed(value.value)) known.add(one);
  for (const name of template.flatMap(seriesIn)) {
    const found = (await query(prometheus, name, at)).find((sample) => isThis(without(sample.labels)));
    for (const one of found === undefined ? [] : printed(found.value)) known.add(one);
  }
  const unknown = figuresIn(text).filter((figure) => !known.has(figure));
  return unknown.map((figure) => `${figure} in "${text}" is no value of its queries at ${at}`);
}

/** The labels by which series and alerts are matched. */
function without({ __name__: _, ...labels }: Texts): Texts {
  return labels;
}

/** "Restarts of X" only if the shop counted a restart of X. */
async function falseRestart(summary: string, { gateway }: StackUrls): Promise<readonly string[]> {
  const peer = /^Restarts of ([\w-]+)/.exec(summary)?.[1];
  if (peer === undefined) return [];
  const calls = Object.values((await shopTruth(gateway))[peer] ?? {});
  return calls.some(({ restarts = 0 }) => restarts > 0) ? [] : [`"${summary}", but nothing restarted ${peer}`];
}

/** The runbook is the one that the link names, and there are traces behind the other. */
async function deadLinks({ annotations }: Firing, { pager }: StackUrls): Promise<readonly string[]> {
  const { runbook_url = '', jaeger_url = '' } = annotations;
  const problems: string[] = [];
  const cause = runbook_url.split('/').at(-1) ?? '';
  const runbook = await fetch(runbook_url);
  const title = /<title>(.*)<\/title>/.exec(await runbook.text())?.[1] ?? '';
  if (!runbook.ok || !title.includes(cause)) problems.push(`${runbook_url}: ${runbook.status} ${title}`);
  if (new URL(runbook_url).port !== new URL(pager).port) problems.push(`${runbook_url} is not in this stack`);
  const traces = await fetch(jaeger_url);
  const { data = [] } = (await traces.json().catch(() => ({}))) as { data?: readonly unknown[] | null };
  if (!traces.ok || !data?.length) problems.push(`${jaeger_url}: ${traces.status}, no trace`);
  return problems;
}
