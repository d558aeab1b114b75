import { ENDINGS } from '../collect/collection';
import type { FailureTable } from '../collect/failure-table';

/** One failure, as far as hindsight needs it. */
export interface Ending {
  /** Of its row in the table. */
  readonly index: number;
  readonly atMs: number;
  readonly elapsedMs: number | undefined;
  readonly host: string;
  readonly service: string;
  /** The same for failures on one connection only. */
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
  /** Reused, and no byte of a response came back. */
  readonly isUnanswered: boolean;
}

/** Those of these failures whose time is known, earliest first. */
export function endingsOf(table: FailureTable, indices: readonly number[]): Ending[] {
  return indices
    .filter((index) => !Number.isNaN(table.timeOf(index)))
    .sort((a, b) => table.timeOf(a) - table.timeOf(b))
    .map((index) => endingOf(table, index));
}

const OPEN = new Set(['request', 'wait', 'response']);
/** Causes that say that the connection was gone before the request, or that the request was at fault. */
const ELSEWHERE = new Set(['stale_keepalive', 'idle_expired', 'recycled', 'request_incomplete', 'tls_failed']);

function endingOf(table: FailureTable, index: number): Ending {
  const { failure, connection, host, service } = table.at(index);
  const { kind = '', phase = '', cause = 'unknown', initiator, sent } = failure;
  const isAnswered = sent === 'received' || phase === 'response';
  const isEnd = ENDINGS.has(kind) && OPEN.has(phase) && initiator !== 'local';
  return {
    index,
    atMs: table.timeOf(index),
    elapsedMs: failure.elapsedMs,
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
    isUnanswered: connection.reused === true && !isAnswered,
  };
}
