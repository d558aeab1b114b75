import { isShortUpload, timeLimitOf } from '../causes/in-flight';
import type { Evidence } from '../evidence/evidence';
import { isEarly } from '../evidence/timing';
import type { ReportedFailure } from '../failure';
import type { AdviceFacts, Clues } from './advice-facts';

/** The shape of codes and system calls: a program's own errors may carry anything in these fields. */
const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;
const SYSCALL = /^[a-z][A-Za-z0-9]{2,30}$/;
/** A timer fires this much late, at most, for its value to be recognised; more on a long one. */
const TIMER_MS = 100;

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

function cluesOf(e: Evidence, failure: Pick<ReportedFailure, 'elapsedMs'>): Clues {
  const { error, exchange, request, nowMs } = e;
  const { peerTimeout, dead, firstWriteMs } = exchange;
  const limit = timeLimitOf(e);
  return {
    code: CODE.test(error.code) ? error.code : undefined,
    syscall: SYSCALL.test(error.syscall) ? error.syscall : undefined,
    addresses: error.attempts > 1 ? error.attempts : undefined,
    attemptTimer: error.connectTimer && error.syscall === 'connect',
    closings: peerTimeout?.closures ? { count: peerTimeout.closures, spreadMs: peerTimeout.spreadMs } : undefined,
    sign: signOf(e),
    leaving: leavingOf(e),
    dead: dead === undefined || dead === 'unseen' ? dead : dead.how,
    limit: limit && { ms: limit.ms, others: limit.times, silence: limit.isSilence },
    missingBytes: isShortUpload(e) ? request?.missingBytes : undefined,
    quietMs: request?.ended === false ? request.quietMs : undefined,
    busyMs: firstWriteMs === undefined ? undefined : Math.max(0, nowMs - firstWriteMs - e.waitedMs),
    agentTimerMs: agentTimerOf(e, failure.elapsedMs),
    unprocessed: e.unprocessed,
  };
}

function leavingOf({ exchange: { origin }, nowMs }: Evidence): Clues['leaving'] {
  if (origin?.isRefusing(nowMs)) return 'refused';
  return origin?.closings(nowMs, 0) === 'restart' ? 'closings' : undefined;
}

function signOf(e: Evidence): Clues['sign'] {
  const { origin, idleMs = 0, firstWriteFailed } = e.exchange;
  if (firstWriteFailed) return 'first_write_failed';
  if (isEarly(e)) return 'early';
  return origin?.closings(e.nowMs, idleMs) === 'younger' ? 'younger' : undefined;
}

/** The socket's timer fired, after the time that the agent sets: nothing came back, so the whole request was silent. */
function agentTimerOf({ exchange, progress }: Evidence, elapsedMs: number): number | undefined {
  if (exchange.timedOutAtRead === undefined || progress.received > 0) return undefined;
  const values = [exchange.reused ? exchange.clientTimeoutMs : undefined, exchange.pool?.timeoutMs];
  return values.find((ms) => ms !== undefined && ms > 0 && elapsedMs >= ms - 1 && elapsedMs <= ms * 1.02 + TIMER_MS);
}
