import type { Collection } from '../collect/collection';
import { readDocument } from '../read/document';
import { fieldsOf, listOf, textOf } from '../read/json-fields';
import type { Api } from './api';
import { windowsOf } from './windows';

/** Traces in one answer to a search. */
const MOST_FOUND = 500;
/** Traces that are read in all: those with a failure come first. */
const MOST_TRACES = 5_000;
/** Requests at a time. */
const AT_ONCE = 4;

const FAILED = '{ kind = client && span.socket.failure.kind != nil }';
const ANNOTATED = '{ kind = client && span.socket.id != nil }';

/** Reads the traces that a search for the package's attributes finds, failures first. */
export async function readTempo(
  api: Api,
  collection: Collection,
  fromMs: number,
  toMs: number,
): Promise<readonly string[]> {
  const read = new Set<string>();
  let isCut = false;
  for (const query of [FAILED, ANNOTATED]) {
    const search = async (from: number, to: number) => {
      const found = await api.json('/api/search', { q: query, ...secondsOf(from, to), limit: MOST_FOUND });
      const answer = listOf(fieldsOf(found)?.traces).flatMap((trace) => textOf(fieldsOf(trace)?.traceID) ?? []);
      return { answer, count: answer.length };
    };
    for await (const { answer, isWhole } of windowsOf(fromMs, toMs, MOST_FOUND, search)) {
      const wanted = answer.filter((id) => !read.has(id)).slice(0, MOST_TRACES - read.size);
      isCut ||= !isWhole || wanted.length < answer.filter((id) => !read.has(id)).length;
      for (const id of wanted) read.add(id);
      await readTraces(api, wanted, collection);
      if (read.size >= MOST_TRACES) break;
    }
  }
  return [
    ...(isCut
      ? [`Only ${read.size} traces were read from Tempo, those with failures first: rates per 1,000 are too high`]
      : []),
    'Tempo finds only traces in which this package was at work: services without it are not listed',
  ];
}

/** Whole seconds, of which the last is not part of the period. */
function secondsOf(fromMs: number, toMs: number) {
  return { start: Math.floor(fromMs / 1_000), end: Math.ceil(toMs / 1_000) };
}

async function readTraces(api: Api, ids: readonly string[], collection: Collection): Promise<void> {
  for (let next = 0; next < ids.length; next += AT_ONCE) {
    const answers = await Promise.all(ids.slice(next, next + AT_ONCE).map((id) => traceOf(api, id)));
    for (const answer of answers) readDocument(answer, collection);
  }
}

/** By the second version of the path, or the first, which older versions have. */
async function traceOf(api: Api, id: string): Promise<unknown> {
  const path = encodeURIComponent(id);
  return (await api.json(`/api/v2/traces/${path}`)) ?? api.json(`/api/traces/${path}`);
}
