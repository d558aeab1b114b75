import type { Collection } from '../collect/collection';
import { readDocument } from '../read/document';
import { fieldsOf, listOf } from '../read/json-fields';
import type { Api } from './api';
import { jaegerNotes, MOST_TRACES, wantedServices } from './jaeger-search';
import { readJaegerV3 } from './jaeger-v3';
import { WindowSink } from './window-sink';
import { windowsOf } from './windows';

/** Reads all spans of a period over the first API, which Jaeger 1.x has, and 2.x up to 2.20. */
export async function readJaeger(
  api: Api,
  collection: Collection,
  fromMs: number,
  toMs: number,
): Promise<readonly string[]> {
  const known = listOf(fieldsOf(await api.json('/api/services'))?.data);
  const cut = new Set<string>();
  for (const service of wantedServices(known, collection)) {
    const search = async (from: number, to: number) => {
      const parameters = { service, start: Math.round(from * 1_000), end: Math.round(to * 1_000), limit: MOST_TRACES };
      const answer = await api.json('/api/traces', parameters);
      return { answer, count: listOf(fieldsOf(answer)?.data).length };
    };
    for await (const { answer, isWhole, ...window } of windowsOf(fromMs, toMs, MOST_TRACES, search)) {
      // The newest Jaeger no longer has this path, but still lists its services here.
      if (answer === undefined) return readJaegerV3(api, collection, fromMs, toMs);
      readDocument(answer, new WindowSink(collection, service, window.fromMs, window.toMs));
      if (!isWhole) cut.add(service);
    }
  }
  return jaegerNotes(cut);
}
