import { ENDINGS, setUpMs } from '../collect/collection';
import type { FailureTable } from '../collect/failure-table';
import type { Connection } from '../read/http-span';

/** One failure, as far as hindsight needs it. */
export interface FailureEnd {
  /** Of its row in the table. */
  readonly index: number;
  readonly atMs: number;
  /** Time since the acquire or the connection, whichever was later, ms. */
  readonly elapsedMs: number | undefined;
  readonly host: string;
  readonly service: string;
  /** Equal only for failures on one connection. */
  readonly connection: number;
  /** The peer, or something on the way, ended an open connection during the request. */
  readonly isInFlight: boolean;
  /** This process itself ended it. */
  readonly isLocal: boolean;
  /** A RST came. */
  readonly isReset: boolean;
  /** A connect was refused. */
  readonly isRefused: boolean;
  /** The verdict is only a lead. */
  readonly isPossible: boolean;
  readonly cause: string;
  readonly isUnsafe: boolean;
  readonly idleMs: number | undefined;
  /** A byte of a response came back. */
  readonly isAnswered: boolean;
  readonly isReused: boolean;
  /** Age of the connection, ms; undefined if unknown. */
  readonly connectionMs: number | undefined;
  /** There was a connection. */
  readonly isEstablished: boolean;
  /** A busy process noticed it late: when it came is not known. */
  readonly isSeenLate: boolean;
  /** On a fresh connection, it ended within about a round trip of the request, as late as what the peer does at once. */
  readonly isPrompt: boolean;
}

/** The failures whose time is known, earliest first. */
export function endingsOf(table: FailureTable, indices: readonly number[]): FailureEnd[] {
  return indices
    .filter((index) => !Number.isNaN(table.timeOf(index)))
    .sort((a, b) => table.timeOf(a) - table.timeOf(b))
    .map((index) => endingOf(table, index));
}

const OPEN = new Set(['request', 'wait', 'response']);
const SETTING_UP = new Set(['queue', 'dns', 'connect']);
/** By how much a busy client notices late. */
const LATE_MS = 20;
/** Causes meaning that the connection was gone before the request, or the request was at fault. */
const ELSEWHERE = new Set(['stale_keepalive', 'idle_expired', 'recycled', 'request_incomplete', 'tls_failed']);

function endingOf(table: FailureTable, index: number): FailureEnd {
  const { failure, connection, host, service, library } = table.at(index);
  // Only node:http acquires a connecting socket.
  const elapsedMs =
    failure.elapsedMs && Math.max(0, failure.elapsedMs - (library === 'undici' ? 0 : setUpMs(connection)));
  const { kind = '', phase = '', cause = 'unknown', initiator, sent } = failure;
  const isAnswered = sent === 'received' || phase === 'response';
  const isEnd = ENDINGS.has(kind) && OPEN.has(phase) && initiator !== 'local';
  return {
    index,
    atMs: table.timeOf(index),
    elapsedMs,
    host,
    service,
    connection: table.connectionOf(index),
    isInFlight: isEnd && sent !== 'none' && !ELSEWHERE.has(cause),
    isLocal: initiator === 'local',
    isReset: kind === 'reset',
    isRefused: kind === 'refused',
    isPossible: failure.confidence === 'possible',
    cause,
    isUnsafe: failure.retrySafe === false,
    idleMs: connection.idleMs,
    isAnswered,
    isReused: connection.reused === true,
    connectionMs: connectionMsOf(elapsedMs, connection),
    isEstablished: !SETTING_UP.has(phase),
    isSeenLate: failure.isSeenLate === true,
    isPrompt:
      elapsedMs !== undefined &&
      connection.connectMs !== undefined &&
      isWithinRoundTrip(elapsedMs, connection.connectMs),
  };
}

function connectionMsOf(elapsedMs: number | undefined, { reused, ageMs }: Connection): number | undefined {
  if (elapsedMs === undefined || reused === undefined) return undefined;
  if (!reused) return elapsedMs;
  return ageMs === undefined ? undefined : ageMs + elapsedMs;
}

/** A connect takes a round trip. */
export function isWithinRoundTrip(elapsedMs: number, connectMs: number): boolean {
  return elapsedMs <= 1.5 * connectMs + LATE_MS;
}
