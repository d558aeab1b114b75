import type { IdleTimeoutSetting } from '../../connection/idle-timeout-setting';
import type { PoolLimits } from '../../connection/pool-limits';
import { siblingsOf } from '../causes/features';
import { commonAgeMs, type Due, dueOf, isOtherLength, timeLimitOf } from '../causes/in-flight';
import { refusesConnects } from '../causes/restart';
import type { ConnectTarget, Evidence } from '../evidence/evidence';
import { isFarTooEarly } from '../evidence/timing';
import type { ReportedFailure } from '../failure';

/** The facts from which advice is made. All but the clues can be read from spans; absent facts are not mentioned. */
export interface AdviceFacts {
  /** The verdict, with the facts of the connection. */
  readonly failure: Omit<ReportedFailure, 'explanation'>;
  readonly method: string;
  /** Host and port of the origin. */
  readonly server?: { readonly host: string; readonly port: number | undefined } | undefined;
  /** Scheme of the origin; `http` if unknown. */
  readonly scheme?: 'http' | 'https' | undefined;
  readonly statusCode?: number | undefined;
  /** The idle timeout setting of the client in use. */
  readonly setting?: IdleTimeoutSetting | undefined;
  readonly pool?: PoolLimits | undefined;
  readonly clues?: Clues | undefined;
}

/** Facts that only the process that failed has seen, and that no attribute contains. */
export interface Clues {
  /** Code of the error, such as `ECONNRESET`; absent if it does not look like one. */
  readonly code?: string | undefined;
  /** The system call that failed, such as `connect`. */
  readonly syscall?: string | undefined;
  /** The host name that could not be resolved. */
  readonly name?: string | undefined;
  /** Whom the client was to connect to. */
  readonly connectTarget?: ConnectTarget | undefined;
  /** What failed was a connect to a Unix socket. */
  readonly unix?: boolean | undefined;
  /** How many addresses were tried, if several. */
  readonly addresses?: number | undefined;
  /** One of them refused, and another failed otherwise: the server may be behind that. */
  readonly elsewhere?: boolean | undefined;
  /** Node's own timer for one of several addresses fired; another of them may have refused. */
  readonly attemptTimer?: 'alone' | 'refused' | undefined;
  /** How many idle closings show the peer's idle timeout. */
  readonly closings?: { readonly count: number; readonly spreadMs: number } | undefined;
  /** What shows, besides ages and timeouts, that the connection had been closed before the request. */
  readonly sign?: 'first_write_failed' | 'early' | undefined;
  /** Only the header was written: the body waits for the peer's 100 Continue. */
  readonly awaitsContinue?: true | undefined;
  /** From the first write of the request to the closing. */
  readonly sinceWriteMs?: number | undefined;
  /** From the request's creation. */
  readonly sinceMadeMs?: number | undefined;
  /** The connection setup began before the request, for others or none. */
  readonly isMadeBefore?: boolean | undefined;
  /** From the last observed write to the closing. */
  readonly sinceLastWriteMs?: number | undefined;
  /** What shows that the peer was shutting down; `closings`: more at once than its usual rate of closings explains. */
  readonly leaving?: 'refused' | 'closings' | undefined;
  /** The connection was already closed when the request acquired it: how it was closed. */
  readonly dead?: string | undefined;
  /**
   * The time that this closing shares with others. `silence`: it is the time without a byte. `ageMs`: the age of their
   * connections, if that was also equal.
   */
  readonly limit?:
    | {
        readonly ms: number;
        readonly others: number;
        readonly silence: boolean;
        readonly ageMs?: number | undefined;
      }
    | undefined;
  /** The end came when TCP itself was about to send something. */
  readonly due?: Due | undefined;
  /** Bytes of the request's body that its `Content-Length` announces and that were not written; negative: too many. */
  readonly missingBytes?: number | undefined;
  /** The program had written nothing for this long, and had not finished the request. */
  readonly quietMs?: number | undefined;
  /** How long the event loop was busy, instead of waiting, while connecting and since the request was written. */
  readonly busyMs?: number | undefined;
  /** The part of it while connecting. */
  readonly busySetUpMs?: number | undefined;
  /** How late this process may have noticed the end. */
  readonly lateMs?: number | undefined;
  /** The timer that fired was probably the agent's, with this value. */
  readonly agentTimerMs?: number | undefined;
  /** The agent took that value from the peer's `Keep-Alive` header. */
  readonly isTimerAnnounced?: boolean | undefined;
  /** The peer refused the stream (REFUSED_STREAM). */
  readonly streamRefused?: boolean | undefined;
  /** Both sides had ended the connection, this process first. */
  readonly endedFirst?: boolean | undefined;
  /** The program had ended its request before that failed, and nobody saw when. */
  readonly noticedLate?: boolean | undefined;
  /** Whether it was idle longer than any connection known to have survived with this peer. */
  readonly isIdleUnproven?: boolean | undefined;
  /** The whole response had arrived, or a part of it, and the program had not read it yet. */
  readonly unread?: 'whole' | 'part' | undefined;
}

/** The format of codes and system calls: a program's own errors may contain anything in these fields. */
const CODE = /^[A-Z][A-Z0-9_/]{2,60}$/;
const SYSCALL = /^[a-z][A-Za-z0-9]{2,30}$/;
/** By how much a timer may be late for its value to be recognised; more for a long one. */
const TIMER_MS = 100;
/** A connection created for a request may start this much earlier. */
const SAME_MS = 5;

function isIdleUnproven({ exchange: { origin, idleMs }, nowMs }: Evidence): boolean {
  return idleMs !== undefined && origin !== undefined && idleMs > origin.okIdleMs(nowMs);
}

/** What the process that failed knows about the failure. */
export function adviceFactsOf(e: Evidence, failure: AdviceFacts['failure']): AdviceFacts {
  const { exchange, statusCode } = e;
  const { origin, method, setting, pool } = exchange;
  return {
    failure,
    method,
    server: origin === undefined ? undefined : { host: origin.host, port: origin.port },
    scheme: origin?.key.startsWith('https') ? 'https' : 'http',
    statusCode,
    setting,
    pool,
    clues: cluesOf(e, failure),
  };
}

function attemptTimerOf({ connectTimer, syscall, anyRefused }: Evidence['error']): Clues['attemptTimer'] {
  if (!connectTimer || syscall !== 'connect') return undefined;
  return anyRefused ? 'refused' : 'alone';
}

function cluesOf(e: Evidence, failure: Pick<ReportedFailure, 'elapsedMs'>): Clues {
  const { error, exchange, request, nowMs } = e;
  const { peerTimeout, dead, acquiredMs, loopIdleAtAcquireMs, firstWriteMs } = exchange;
  const { lastWriteMs } = exchange.connection ?? {};
  const sinceMs = firstWriteMs ?? (loopIdleAtAcquireMs === undefined ? undefined : acquiredMs);
  const limit = timeLimitOf(e);
  const agentTimerMs = agentTimerOf(e, failure.elapsedMs);
  const isMadeBefore = (exchange.connection?.createdMs ?? nowMs) < exchange.createdMs - SAME_MS;
  const busySetUpMs = exchange.reused === false && !isMadeBefore ? (exchange.connection?.busyMs ?? 0) : 0;
  return {
    code: CODE.test(error.code) ? error.code : undefined,
    syscall: SYSCALL.test(error.syscall) ? error.syscall : undefined,
    name: error.hostname === '' ? undefined : error.hostname,
    connectTarget: e.connectTarget,
    unix: error.failedAddress !== undefined && error.failedAddress.port === undefined,
    addresses: error.attempts > 1 ? error.attempts : undefined,
    elsewhere: error.anyRefused && error.anyOther ? true : undefined,
    attemptTimer: attemptTimerOf(error),
    closings: peerTimeout?.closures ? { count: peerTimeout.closures, spreadMs: peerTimeout.spreadMs } : undefined,
    sign: signOf(e),
    sinceWriteMs: firstWriteMs === undefined ? undefined : Math.max(0, nowMs - firstWriteMs),
    sinceMadeMs: Math.max(0, Math.round(nowMs - exchange.createdMs)),
    isMadeBefore,
    sinceLastWriteMs: lastWriteMs === undefined ? undefined : nowMs - Math.max(lastWriteMs, acquiredMs ?? 0),
    leaving: leavingOf(e),
    dead: dead === undefined || dead === 'unseen' ? dead : dead.how,
    limit: limit && {
      ms: limit.ms,
      others: limit.seen.length,
      silence: limit.isSilence,
      ageMs: commonAgeMs(e, limit),
    },
    due: dueOf(e),
    missingBytes: isOtherLength(e) ? request?.missingBytes : undefined,
    quietMs: request?.ended === false ? request.quietMs : undefined,
    busyMs: sinceMs === undefined ? undefined : Math.max(0, nowMs - sinceMs - e.waitedMs) + busySetUpMs,
    busySetUpMs,
    lateMs: e.blindMs,
    agentTimerMs,
    isTimerAnnounced: agentTimerMs !== exchange.pool?.timeoutMs && exchange.connection?.announcedMs !== undefined,
    awaitsContinue: request?.awaitsContinue,
    streamRefused: e.streamRefused,
    endedFirst: e.closing?.byBoth,
    noticedLate: e.closing?.noticedLate,
    isIdleUnproven: isIdleUnproven(e),
    unread: e.responseComplete ? 'whole' : e.paused ? 'part' : undefined,
  };
}

function leavingOf(e: Evidence): Clues['leaving'] {
  if (refusesConnects(e)) return 'refused';
  return siblingsOf(e) === 'burst' ? 'closings' : undefined;
}

function signOf(e: Evidence): Clues['sign'] {
  if (e.exchange.firstWriteFailed) return 'first_write_failed';
  return isFarTooEarly(e) ? 'early' : undefined;
}

/** The socket's timer fired after the time that the agent sets: nothing came back during the whole request. */
function agentTimerOf({ exchange, progress }: Evidence, elapsedMs: number): number | undefined {
  if (exchange.timedOutAtRead === undefined || progress.received > 0) return undefined;
  const values = [exchange.reused ? exchange.clientTimeoutMs : undefined, exchange.pool?.timeoutMs];
  return values.find((ms) => ms !== undefined && ms > 0 && elapsedMs >= ms - 1 && elapsedMs <= ms * 1.02 + TIMER_MS);
}
