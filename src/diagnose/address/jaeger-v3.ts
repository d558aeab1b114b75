import type { Collection } from '../collect/collection';
import { readDocument } from '../read/document';
import { fieldsOf, listOf } from '../read/json-fields';
import type { Api } from './api';
import { jaegerNotes, MOST_TRACES, wantedServices } from './jaeger-search';
import { WindowSink } from './window-sink';
import { windowsOf } from './windows';

/** Reads all spans of a period over the second API, which answers in OTLP. Where nothing is found, it answers 404. */
export async function readJaegerV3(
  api: Api,
  collection: Collection,
  fromMs: number,
  toMs: number,
): Promise<readonly string[]> {
  const known = listOf(fieldsOf(await api.json('/api/v3/services'))?.services);
  const cut = new Set<string>();
  for (const service of wantedServices(known, collection)) {
    const search = async (from: number, to: number) => {
      const answer = await api.json('/api/v3/traces', parametersOf(service, from, to));
      return { answer, count: tracesIn(answer) };
    };
    for await (const { answer, isWhole, ...window } of windowsOf(fromMs, toMs, MOST_TRACES, search)) {
      if (answer !== undefined) readDocument(answer, new WindowSink(collection, service, window.fromMs, window.toMs));
      if (!isWhole) cut.add(service);
    }
  }
  return jaegerNotes(cut);
}

/** By both names of each: older versions know only the second. */
function parametersOf(service: string, fromMs: number, toMs: number): Record<string, string | number> {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  return {
    'query.serviceName': service,
    'query.service_name': service,
    'query.startTimeMin': from,
    'query.start_time_min': from,
    'query.startTimeMax': to,
    'query.start_time_max': to,
    'query.searchDepth': MOST_TRACES,
    'query.num_traces': MOST_TRACES,
  };
}

function tracesIn(answer: unknown): number {
  const ids = new Set<unknown>();
  for (const resource of listOf(fieldsOf(fieldsOf(answer)?.result)?.resourceSpans))
    for (const scope of listOf(fieldsOf(resource)?.scopeSpans))
      for (const span of listOf(fieldsOf(scope)?.spans)) ids.add(fieldsOf(span)?.traceId);
  return ids.size;
}
