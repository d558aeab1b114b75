import type { Evidence } from './evidence';
import type { Origin } from './origin';

const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;

/** The idle age and the limits on it, as far as they are known. */
export function numbers({ exchange: { idleMs, clientTimeoutMs, origin } }: Evidence): string {
  const peer = origin?.peerTimeout();
  const known: string[] = [];
  if (idleMs !== undefined) known.push(`idle for ${time(idleMs)}`);
  if (peer !== undefined) {
    const seen = peer.closures === 0 ? '' : ` ${peer.closures} times within ${time(peer.spreadMs)}`;
    known.push(`the peer's idle limit is ${time(peer.ms)}, ${peer.source}${seen}`);
  }
  if (clientTimeoutMs === 0) known.push('this client has no idle limit');
  else if (clientTimeoutMs !== undefined) known.push(`this client's idle limit is ${time(clientTimeoutMs)}`);
  return known.length === 0 ? '' : ` (${known.join('; ')})`;
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

/** The error's code, if it looks like one (a program's own errors may carry anything), and how many addresses failed. */
export function code({ error }: Evidence): string {
  const known: string[] = [];
  if (CODE.test(error.code)) known.push(error.code);
  if (error.attempts > 1) known.push(`${error.attempts} addresses tried`);
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
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
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
