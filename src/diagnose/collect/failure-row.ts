import { FAILURE_CAUSES, FAILURE_CONFIDENCES, FAILURE_KINDS, FAILURE_PHASES } from '../../verdict/failure';
import type { Connection, HttpSpan, SpanFailure } from '../read/http-span';

/** A failed client request, as its span describes it. */
export type FailedSpan = HttpSpan & { readonly failure: SpanFailure };

/** The number of a name, and the name of a number. */
interface NameNumbers {
  idOf(name: string): number;
  idIfRoom(name: string): number | undefined;
  nameOf(id: number): string;
}

/** The texts of which rows have the numbers. */
export interface Texts {
  readonly names: NameNumbers;
  readonly fixes: NameNumbers;
}

/** An absent value. */
export const NONE = -1;
export const LARGEST = 2 ** 31 - 1;

/** How a value becomes a 32-bit integer, and that the value again. `read` never gets `NONE`. */
interface Kind {
  write(value: unknown, texts: Texts): number;
  read(cell: number, texts: Texts): unknown;
}

const NAME: Kind = {
  write: (value, { names }) => (typeof value === 'string' ? names.idOf(value) : NONE),
  read: (cell, { names }) => names.nameOf(cell),
};
const FIX: Kind = {
  write: (value, { fixes }) => (typeof value === 'string' ? fixes.idIfRoom(value) : undefined) ?? NONE,
  read: (cell, { fixes }) => fixes.nameOf(cell),
};
/** Times of more than 24 days become 24 days. */
const NUMBER: Kind = {
  write: (value) => (typeof value === 'number' ? Math.min(value, LARGEST) : NONE),
  read: (cell) => cell,
};
const FLAG: Kind = {
  write: (value) => (typeof value === 'boolean' ? Number(value) : NONE),
  read: (cell) => cell === 1,
};
/** The index of an absent value is `NONE`. */
const oneOf = (list: readonly unknown[]): Kind => ({
  write: (value) => list.indexOf(value),
  read: (cell) => list[cell],
});

type Path =
  | keyof FailedSpan
  | `server.${'host' | 'port'}`
  | `connection.${keyof Connection}`
  | `failure.${keyof SpanFailure}`;

/** The columns, in their order. */
const KINDS = {
  service: NAME,
  serviceName: NAME,
  instance: NAME,
  host: NAME,
  address: NAME,
  'server.host': NAME,
  'server.port': NUMBER,
  method: NAME,
  scheme: oneOf(['http', 'https']),
  library: oneOf(['http', 'undici']),
  statusCode: NUMBER,
  'connection.id': NUMBER,
  'connection.localPort': NUMBER,
  'connection.peerAddress': NAME,
  'connection.peerPort': NUMBER,
  'connection.reuseCount': NUMBER,
  'connection.reused': FLAG,
  'connection.idleMs': NUMBER,
  'connection.ageMs': NUMBER,
  'connection.queueMs': NUMBER,
  'connection.dnsMs': NUMBER,
  'connection.connectMs': NUMBER,
  'connection.tlsMs': NUMBER,
  'connection.clientTimeoutMs': NUMBER,
  'connection.peerTimeoutMs': NUMBER,
  'connection.peerTimeoutSource': oneOf(['announced', 'observed']),
  'connection.timeoutMismatch': FLAG,
  'failure.kind': oneOf(FAILURE_KINDS),
  'failure.phase': oneOf(FAILURE_PHASES),
  'failure.cause': oneOf(FAILURE_CAUSES),
  'failure.confidence': oneOf(FAILURE_CONFIDENCES),
  'failure.initiator': oneOf(['remote', 'local', 'unknown']),
  'failure.sent': oneOf(['none', 'partial', 'full', 'received']),
  'failure.retrySafe': FLAG,
  'failure.elapsedMs': NUMBER,
  'failure.isSeenLate': FLAG,
  'failure.fix': FIX,
} as const satisfies Partial<Record<Path, Kind>>;

type Fields = Record<string, unknown>;

interface Column {
  /** The member of the span that has the field; undefined: the span itself. */
  readonly part: string | undefined;
  readonly field: string;
  readonly kind: Kind;
}

const COLUMNS = Object.entries(KINDS).map(([path, kind]): Column => {
  const [part, field] = path.split('.');
  return field === undefined ? { part: undefined, field: path, kind } : { part, field, kind };
});

/** Cells of a failure. */
export const WIDTH = COLUMNS.length;
const PATHS = Object.keys(KINDS);
/** Which cell of a row has this field. */
export const cellOf = (path: keyof typeof KINDS): number => PATHS.indexOf(path);
/** In the cell of the phase. */
export const DNS = FAILURE_PHASES.indexOf('dns');

/** A failure without its times. */
export function encode(span: FailedSpan, texts: Texts): number[] {
  const whole = span as unknown as Fields;
  return COLUMNS.map(({ part, field, kind }) => {
    const fields = part === undefined ? whole : (whole[part] as Fields | undefined);
    return kind.write(fields?.[field], texts);
  });
}

export function decode(cells: Int32Array, texts: Texts, startMs: number, endMs: number): FailedSpan {
  const span: Fields = {
    isClient: true,
    isAnnotated: true,
    server: undefined,
    address: undefined,
    scheme: undefined,
    library: undefined,
    statusCode: undefined,
    startMs,
    endMs,
    connection: {},
    failure: {},
  };
  for (const [i, { part, field, kind }] of COLUMNS.entries()) {
    const cell = cells[i] ?? NONE;
    if (cell < 0) continue;
    if (part === 'server') span.server ??= { port: undefined };
    const fields = part === undefined ? span : (span[part] as Fields);
    fields[field] = kind.read(cell, texts);
  }
  return span as unknown as FailedSpan;
}
