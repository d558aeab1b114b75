import type { Origin } from '../../peer/origin';
import type { Evidence } from '../evidence/evidence';
import { isEarly } from '../evidence/timing';

const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;
const SYSCALL = /^[a-z][A-Za-z0-9]{2,30}$/;

/** The idle age and the limits on it, as far as they are known. */
export function numbers({ exchange: { idleMs, clientTimeoutMs, peerTimeout: peer } }: Evidence): string {
  const known: string[] = [];
  if (idleMs !== undefined) known.push(`idle for ${time(idleMs)}`);
  if (peer !== undefined) {
    const seen = peer.closures === 0 ? '' : ` ${peer.closures} times with a spread of ${time(peer.spreadMs)}`;
    known.push(`the peer's idle limit is ${time(peer.ms)}, ${peer.source}${seen}`);
  }
  if (clientTimeoutMs === 0) known.push('this client has no idle limit');
  else if (clientTimeoutMs !== undefined) known.push(`this client's idle limit is ${time(clientTimeoutMs)}`);
  return known.length === 0 ? '' : ` (${known.join('; ')})`;
}

/** What shows that the peer was leaving. */
export function leaving({ exchange: { origin }, nowMs }: Evidence): string | undefined {
  if (origin?.isRefusing(nowMs)) return 'a new connection was refused';
  if (origin?.closings(nowMs, 0) === 'restart') return 'other idle connections were closed in the same moment';
  return undefined;
}

/** What shows, beside idle ages and limits, that a connection had been ended before the request. */
export function sign(e: Evidence): string | undefined {
  const { exchange, nowMs } = e;
  const { origin, firstWriteMs = nowMs, idleMs = 0 } = exchange;
  if (exchange.firstWriteFailed) return 'its first write failed at once';
  if (isEarly(e)) return `the end came after ${time(nowMs - firstWriteMs)}, sooner than a round trip`;
  if (origin?.closings(nowMs, idleMs) === 'younger') return 'another, idle no longer, was closed in the same moment';
  return leaving(e);
}

/** `host:port` of the origin. */
export function peerOf({ exchange: { origin } }: Evidence): string {
  return origin === undefined ? 'the peer' : originName(origin);
}

export function originName({ host, port }: Origin): string {
  const name = clip(host, 80);
  return port === undefined ? name : `${name.includes(':') ? `[${name}]` : name}:${port}`;
}

export function hostOf({ exchange: { origin } }: Evidence): string | undefined {
  return origin === undefined ? undefined : clip(origin.host, 80);
}

/**
 * The error's code with its system call, if they look like it (a program's own errors may carry anything), and how many
 * addresses failed.
 */
export function code({ error }: Evidence): string {
  const known: string[] = [];
  if (CODE.test(error.code)) known.push(SYSCALL.test(error.syscall) ? `${error.syscall} ${error.code}` : error.code);
  if (error.attempts > 1) known.push(`${error.attempts} addresses tried`);
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}

/** A Unix socket whose server does not accept fast enough. */
export function isQueueFull({ error }: Evidence): boolean {
  return error.code === 'EAGAIN' && error.syscall === 'connect';
}

/** How many addresses failed; empty if there was one. */
export function tried({ error: { attempts } }: Evidence): string {
  return attempts > 1 ? ` (${attempts} addresses tried)` : '';
}

export function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** A duration with two or three digits. */
export function time(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 600_000) return `${Number((ms / 1_000).toFixed(ms < 10_000 ? 1 : 0))} s`;
  return ms < 7_200_000 ? `${Number((ms / 60_000).toFixed(1))} min` : `${Number((ms / 3_600_000).toFixed(1))} h`;
}
