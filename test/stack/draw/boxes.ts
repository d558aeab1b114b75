import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { escaped } from '../../../examples/stack/pager/runbooks';
import { seriesAt } from '../grafana/answers';
import { columnsOf, promqlOf, substituted } from '../grafana/dashboards';
import { propertiesOf, rowsOf } from './fields';
import { shown } from './units';

/** Panels without a chart, as HTML. */

type Properties = Readonly<Record<string, unknown>>;

export async function statBox(panel: Panel, prometheus: string): Promise<string> {
  const [target] = promqlOf(panel);
  const [found] = await seriesAt(prometheus, substituted(target?.expr ?? ''));
  const properties = propertiesOf(panel, '', 'A');
  const value = found?.value === undefined ? null : Number(found.value[1]);
  const text = value === null || Number.isNaN(value) ? String(properties.noValue ?? '') : textOf(value, properties);
  return `<div class="stat" style="color:${thresholdColour(value ?? 0, properties)}">${escaped(text)}</div>`;
}

interface Mapping {
  readonly type: string;
  readonly options: Readonly<Record<string, { readonly text?: string; readonly color?: string }>>;
}

function mapped(value: string, { mappings = [] }: Properties) {
  const values = (mappings as readonly Mapping[]).filter(({ type }) => type === 'value');
  return values.map(({ options }) => options[value]).find((one) => one !== undefined);
}

function textOf(value: number, properties: Properties): string {
  const decimals = typeof properties.decimals === 'number' ? properties.decimals : undefined;
  return mapped(String(value), properties)?.text ?? shown(value, String(properties.unit), decimals);
}

const NAMED: Readonly<Record<string, string>> = {
  green: '#1a7f37',
  orange: '#d9730d',
  red: '#d1242f',
  text: '#ccccdc',
};

function thresholdColour(value: number, { thresholds }: Properties): string {
  const { steps = [] } = (thresholds ?? {}) as { steps?: { value: number | null; color: string }[] };
  const colour = steps.findLast((step) => step.value === null || value >= step.value)?.color ?? 'text';
  return NAMED[colour] ?? colour;
}

export async function tableBox(panel: Panel, prometheus: string): Promise<string> {
  const rows = await rowsOf(panel, prometheus);
  const none = String(panel.fieldConfig?.defaults.noValue ?? '');
  if (rows.length === 0) return `<p class="none">${escaped(none)}</p>`;
  const names = panel.transformations?.find(({ id }) => id === 'organize')?.options.renameByName ?? {};
  const columns = columnsOf(panel).map((field) => [field, String(names[field] ?? field)] as const);
  const [{ displayName = '' } = {}] = (panel.options as { sortBy?: { displayName?: string }[] }).sortBy ?? [];
  const first = columns.find(([, name]) => name === displayName)?.[0] ?? '';
  const sorted = [...rows].sort((a, b) => Number(b[first] ?? -1) - Number(a[first] ?? -1));
  const head = columns.map(([, name]) => `<th>${escaped(name)}</th>`).join('');
  const body = sorted.map((row) => `<tr>${columns.map((column) => cell(panel, column, row)).join('')}</tr>`).join('');
  return `<table><tr>${head}</tr>${body}</table>`;
}

function cell(panel: Panel, [field, name]: readonly [string, string], row: Readonly<Record<string, string>>): string {
  const properties = propertiesOf(panel, name, '');
  const raw = row[field];
  if (raw === undefined) return `<td>${escaped(String(properties.noValue ?? ''))}</td>`;
  const isNumber = field.startsWith('Value');
  const text = isNumber ? textOf(Number(raw), properties) : (mapped(raw, properties)?.text ?? raw);
  const isColoured = (properties['custom.cellOptions'] as { type?: string } | undefined)?.type === 'color-text';
  const colour = mapped(raw, properties)?.color ?? (isNumber ? thresholdColour(Number(raw), properties) : '#ccccdc');
  const style = isColoured ? ` style="color:${NAMED[colour] ?? colour}"` : '';
  return `<td class="${isNumber ? 'number' : 'text'}"${style}>${escaped(text)}</td>`;
}

export async function textBox(panel: Panel): Promise<string> {
  const { marked } = await import('marked');
  return `<div class="markdown">${await marked(String((panel.options as { content?: string }).content ?? ''))}</div>`;
}
