import { FAILURE_CAUSES, FAILURE_CONFIDENCES, FAILURE_KINDS, FAILURE_PHASES } from '../../verdict/failure';
import type { Connection, HttpSpan, SpanFailure } from '../read/http-span';

/** A failed request of a client, as its span says it. */
export type FailedSpan = HttpSpan & { readonly failure: SpanFailure };

/** The number of a name, and the name of a number. */
export interface NameNumbers {
  idOf(name: string): number;
  idIfRoom(name: string): number | undefined;
  nameOf(id: number): string;
}

const NUMBERS: readonly (keyof Connection)[] = [
  'id',
  'localPort',
  'reuseCount',
  'idleMs',
  'ageMs',
  'queueMs',
  'dnsMs',
  'connectMs',
  'tlsMs',
  'clientTimeoutMs',
  'peerTimeoutMs',
  'peerPort',
];
const FLAGS = ['reused', 'timeoutMismatch'] as const;
const LISTS: readonly (readonly [keyof SpanFailure, readonly string[]])[] = [
  ['kind', FAILURE_KINDS],
  ['phase', FAILURE_PHASES],
  ['cause', FAILURE_CAUSES],
  ['confidence', FAILURE_CONFIDENCES],
  ['initiator', ['remote', 'local', 'unknown']],
  ['sent', ['none', 'partial', 'full', 'received']],
];
const SOURCES = ['announced', 'observed'] as const;
const SCHEMES = ['http', 'https'] as const;
const LIBRARIES = ['http', 'undici'] as const;

/** Cells before those of the lists above. */
const OWN = 16;
/** Where some of the cells are. */
export const CELLS = {
  service: 0,
  instance: 1,
  host: 2,
  address: 3,
  id: OWN,
  localPort: OWN + 1,
  phase: OWN + NUMBERS.length + FLAGS.length + LISTS.findIndex(([field]) => field === 'phase'),
} as const;
/** In the cell of the phase. */
export const DNS = FAILURE_PHASES.indexOf('dns');
/** Cells of a failure. */
export const WIDTH = OWN + NUMBERS.length + FLAGS.length + LISTS.length;
/** An absent value. */
export const NONE = -1;
export const LARGEST = 2 ** 31 - 1;

/** A failure, without its times, as 32-bit integers; times of more than 24 days become 24 days. */
export function encode(span: FailedSpan, names: NameNumbers, fixes: NameNumbers): number[] {
  const { failure, connection, server } = span;
  const name = (text: string | undefined) => (text === undefined ? NONE : names.idOf(text));
  return [
    name(span.service),
    name(span.instance),
    name(span.host),
    name(span.address),
    name(server?.host),
    whole(server?.port),
    name(span.method),
    placeIn(SCHEMES, span.scheme),
    placeIn(LIBRARIES, span.library),
    whole(span.statusCode),
    placeIn(SOURCES, connection.peerTimeoutSource),
    flag(failure.retrySafe),
    whole(failure.elapsedMs),
    name(connection.peerAddress),
    failure.fix === undefined ? NONE : (fixes.idIfRoom(failure.fix) ?? NONE),
    flag(failure.isSeenLate),
    ...NUMBERS.map((field) => whole(connection[field])),
    ...FLAGS.map((field) => flag(connection[field])),
    ...LISTS.map(([field, list]) => placeIn(list, failure[field])),
  ];
}

export function decode(
  cells: Int32Array,
  names: NameNumbers,
  fixes: NameNumbers,
  startMs: number,
  endMs: number,
): FailedSpan {
  const cell = (i: number) => cells[i] ?? NONE;
  const text = (i: number) => names.nameOf(cell(i));
  const optional = (i: number) => (cell(i) < 0 ? undefined : text(i));
  const number = (i: number) => (cell(i) < 0 ? undefined : cell(i));
  const host = optional(4);
  return {
    isClient: true,
    isAnnotated: true,
    service: text(0),
    instance: text(CELLS.instance),
    host: text(CELLS.host),
    address: optional(CELLS.address),
    server: host === undefined ? undefined : { host, port: number(5) },
    method: text(6),
    scheme: SCHEMES[cell(7)],
    library: LIBRARIES[cell(8)],
    statusCode: number(9),
    startMs,
    endMs,
    ...verdictOf(cell, names, fixes),
  };
}

function verdictOf(
  cell: (index: number) => number,
  names: NameNumbers,
  fixes: NameNumbers,
): Pick<FailedSpan, 'failure' | 'connection'> {
  const connection: Record<string, unknown> = {};
  const failure: Record<string, unknown> = {};
  const put = (to: Record<string, unknown>, field: string, value: unknown) => {
    if (value !== undefined) to[field] = value;
  };
  const numberAt = (i: number) => (cell(i) < 0 ? undefined : cell(i));
  const flagAt = (i: number) => (cell(i) < 0 ? undefined : cell(i) === 1);
  put(connection, 'peerTimeoutSource', SOURCES[cell(10)]);
  put(failure, 'retrySafe', flagAt(11));
  put(failure, 'elapsedMs', numberAt(12));
  put(connection, 'peerAddress', cell(13) < 0 ? undefined : names.nameOf(cell(13)));
  put(failure, 'fix', cell(14) < 0 ? undefined : fixes.nameOf(cell(14)));
  put(failure, 'isSeenLate', flagAt(15));
  let next = OWN;
  for (const field of NUMBERS) put(connection, field, numberAt(next++));
  for (const field of FLAGS) put(connection, field, flagAt(next++));
  for (const [field, list] of LISTS) put(failure, field, list[cell(next++)]);
  return { connection: connection as Connection, failure: failure as SpanFailure };
}

function whole(value: unknown): number {
  return typeof value === 'number' ? Math.min(value, LARGEST) : NONE;
}

function flag(value: unknown): number {
  return typeof value === 'boolean' ? Number(value) : NONE;
}

/** Its index, which is -1 for an absent value. */
function placeIn(list: readonly string[], value: unknown): number {
  return list.indexOf(value as string);
}
