import { fieldsOf, listOf, numberOf, textOf } from '../read/json-fields';
import { UnreadableError } from '../read/read-bytes';
import { printable } from '../read/text';
import type { Api } from './api';

/** One series of an answer. */
export interface Sample {
  readonly label: (name: string) => string | undefined;
  readonly value: number;
}

/** The samples of an instant query; series without a finite number are left out. */
export async function query(api: Api, expression: string, atMs: number): Promise<Sample[]> {
  const answer = fieldsOf(await api.json('/api/v1/query', { query: expression, time: atMs / 1_000 }));
  if (answer?.status !== 'success')
    throw new UnreadableError(`${api.name}: ${printable(textOf(answer?.error) ?? 'no answer to a query')}`);
  return listOf(fieldsOf(answer.data)?.result).flatMap((each) => {
    const series = fieldsOf(each);
    const labels = fieldsOf(series?.metric);
    const value = numberOf(listOf(series?.value)[1]);
    const label = (name: string) => {
      const text = textOf(labels?.[name]);
      return text === undefined || text === '' ? undefined : printable(text);
    };
    return value === undefined ? [] : [{ label, value }];
  });
}

/**
 * A metric under the names that it gets from the Collector and, without the unit, from the JavaScript exporter.
 */
export function named(metric: string, unit = '', suffix = ''): string {
  const name = metric.replace(/\W/g, '_');
  const names = new Set([`${name}${unit && `_${unit}`}${suffix}`, `${name}${suffix}`]);
  return `{__name__=~"${[...names].join('|')}"}`;
}
