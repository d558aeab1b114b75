import type { Collection } from '../collect/collection';
import type { SourceFinding } from '../findings/diagnosis';
import { type Progress, stoppedBy, UnreadableError } from '../read/read-bytes';
import { printable } from '../read/text';
import { Api } from './api';
import { readJaeger } from './jaeger';
import { readJaegerV3 } from './jaeger-v3';
import type { Period } from './period';
import { readPrometheus } from './prometheus';
import { readTempo } from './tempo';

const HOUR_MS = 3_600_000;

/** A program that answers queries. */
interface Program {
  readonly kind: string;
  /** Answers only if it is this program. */
  readonly probe: string;
  readonly isAnswer: (body: string) => boolean;
  /** Returns what this source cannot say. */
  readonly read: (api: Api, collection: Collection, fromMs: number, toMs: number) => Promise<readonly string[]>;
}

const isJsonWith = (field: string) => (body: string) => body.trimStart().startsWith('{') && body.includes(`"${field}"`);

/** In the order in which an address is asked which of them it is. */
const PROGRAMS: readonly Program[] = [
  { kind: 'tempo', probe: '/api/echo', isAnswer: (body) => body.trim() === 'echo', read: readTempo },
  { kind: 'prometheus', probe: '/api/v1/status/buildinfo', isAnswer: isJsonWith('status'), read: readPrometheus },
  { kind: 'jaeger', probe: '/api/services', isAnswer: isJsonWith('data'), read: readJaeger },
  { kind: 'jaeger', probe: '/api/v3/services', isAnswer: isJsonWith('services'), read: readJaegerV3 },
];

/** Reads from the program at an address; throws `UnreadableError` if it is none of them. */
export async function readAddress(
  name: string,
  collection: Collection,
  { sinceMs = HOUR_MS, nowMs }: Period,
  progress: Progress,
): Promise<SourceFinding> {
  const [, kind, url = ''] = /^(?:(jaeger|tempo|prometheus):)?(https?:.*)$/.exec(name) ?? [];
  const api = new Api(url, progress);
  for (const program of PROGRAMS.filter((each) => kind === undefined || each.kind === kind)) {
    const answer = await api.text(program.probe);
    if (answer === undefined || !program.isAnswer(answer)) continue;
    const { notes, stopped } = await readAll(program, api, collection, nowMs - sinceMs, nowMs);
    return { name: printable(api.name), kind: program.kind, brokenLines: 0, firstBroken: undefined, stopped, notes };
  }
  throw new UnreadableError(`${api.name}: answers neither like Jaeger nor like Tempo or Prometheus`);
}

async function readAll(
  { read }: Program,
  api: Api,
  collection: Collection,
  fromMs: number,
  toMs: number,
): Promise<Pick<SourceFinding, 'notes' | 'stopped'>> {
  const { spans } = collection;
  try {
    return { notes: await read(api, collection, fromMs, toMs), stopped: undefined };
  } catch (error) {
    return { notes: [], stopped: printable(stoppedBy(error, collection.spans > spans)) };
  }
}
