import { type Closing, INITIATOR_OF } from '../../src/connection/closing';
import { Connection } from '../../src/connection/connection';
import { Exchange } from '../../src/connection/exchange';
import type { IdleTimeoutSetting } from '../../src/connection/idle-timeout-setting';
import { Origin } from '../../src/peer/origin';
import { AGENT_TIMEOUT } from '../../src/verdict/advice/idle-timeout-settings';
import { classify } from '../../src/verdict/classify';
import { errorFactsOf } from '../../src/verdict/evidence/error-facts';
import type { Evidence, RequestProgress } from '../../src/verdict/evidence/evidence';
import type { SocketFailure } from '../../src/verdict/failure';

/** When every scene ends: its request fails. */
export const NOW = 100_000_000;

/** One failed request, told by what differs from: a GET on a reused connection, answered by nothing after 2 ms. */
export interface Scene {
  readonly method?: string;
  readonly secure?: boolean;
  /**
   * Idle age of the connection that it got; `fresh`: a new one; `none`: it never got one; `shared`: others use it at the
   * same time.
   */
  readonly idleMs?: number | 'fresh' | 'none' | 'shared';
  /** Requests that a reused connection had carried. */
  readonly uses?: number;
  readonly clientTimeoutMs?: number;
  /** What was learned about the origin before. */
  readonly known?: (origin: Origin) => void;
  readonly elapsedMs?: number;
  /** Time for which the event loop waited since the first write; all of `elapsedMs` if not said. */
  readonly waitedMs?: number;
  /** Time without a poll of the event loop before the first write; none if not said. */
  readonly blindMs?: number;
  readonly stage?: Evidence['stage'];
  /** How long its connection took to connect; 1 ms if not said. */
  readonly connectMs?: number;
  /** How old a reused connection was when the request got it; far older than all else if not said. */
  readonly bornMs?: number;
  /** Its connection was handed over by an agent that had made it. */
  readonly adopted?: boolean;
  /** The connection was gone when the request got it. */
  readonly dead?: Closing['how'] | 'unseen';
  /** How it ended otherwise. */
  readonly how?: Closing['how'];
  readonly error?: unknown;
  /** No write was attempted. */
  readonly unwritten?: boolean;
  readonly firstWriteFailed?: boolean;
  readonly dispatched?: number;
  /** The program was still sending. */
  readonly uploading?: boolean;
  /** From the first write to the last, and the longest pause in between; none if not said. */
  readonly uploadMs?: number;
  readonly longestGapMs?: number;
  readonly received?: number;
  readonly status?: number;
  /** What else was seen. */
  readonly seen?: Partial<Evidence>;
  /** The socket's timer had fired. */
  readonly timedOut?: boolean;
  /** What ended the exchange was not started by that. */
  readonly isAfterwards?: boolean;
  readonly setting?: IdleTimeoutSetting;
}

/** What is so, and the verdict: kind, phase, initiator, sent, cause, confidence, and whether to retry. */
export type Row = readonly [name: string, scene: Scene, verdict: string];

export function errorOf(code: string, syscall?: string): Error {
  return Object.assign(new Error(`${syscall ?? ''} ${code}`), syscall === undefined ? { code } : { code, syscall });
}

/** A round trip to the peer takes 40 ms. */
export const faraway = (origin: Origin): void => {
  for (let i = 0; i < 3; i++) origin.connected(i * 1_000, 40);
  origin.roundTrip.answered(3_000, 45);
};

/** What many scenes begin with. */
export const fin = { how: 'fin', error: errorOf('ECONNRESET') } as const;
export const rst = { how: 'reset', error: errorOf('ECONNRESET', 'read') } as const;
export const post = { method: 'POST' } as const;
export const late = { elapsedMs: 2_000 } as const;
export const fresh = { idleMs: 'fresh' } as const;
export const hangUp = errorOf('ECONNRESET');
export const setUp = (stage: 'dns' | 'connect' | 'proxy' | 'tls') => ({ stage, idleMs: 'fresh' }) as const;

/** What the program did with its request: unless said otherwise it was still writing, without a pause. */
export function progress(seen: Partial<RequestProgress>): RequestProgress {
  return { ended: false, missingBytes: undefined, quietMs: undefined, abandoned: false, ...seen };
}

export function evidenceOf(scene: Scene): Evidence {
  const elapsedMs = scene.elapsedMs ?? 2;
  const atMs = NOW - elapsedMs;
  const origin = new Origin('https://api.example:8443', 'api.example', 8443);
  scene.known?.(origin);
  const exchange = new Exchange('client', scene.method ?? 'GET', atMs);
  exchange.origin = origin;
  Object.defineProperty(exchange, 'setting', { value: scene.setting ?? AGENT_TIMEOUT });
  const stage = scene.stage ?? 'ready';
  if (scene.idleMs !== 'none') exchange.acquire(connectionOf(scene, stage, atMs), atMs, atMs);
  if (stage === 'ready' && scene.dead === undefined && scene.unwritten !== true)
    exchange.wrote(atMs, 0, scene.blindMs ?? 0);
  if (exchange.writes > 0 && exchange.connection !== undefined)
    exchange.connection.lastWriteMs = atMs + (scene.uploadMs ?? 0);
  exchange.longestGapMs = scene.longestGapMs ?? 0;
  if (scene.dead !== undefined && scene.dead !== 'unseen') exchange.connection?.close(closingOf(scene.dead, atMs - 1));
  if (scene.dead !== undefined) exchange.dead = exchange.connection?.closing ?? 'unseen';
  exchange.firstWriteFailed = scene.firstWriteFailed ?? false;
  exchange.multiplexed = scene.idleMs === 'shared';
  if (scene.timedOut) exchange.timedOutAtRead = scene.received ?? 0;
  const isPlain = scene.secure !== true && scene.idleMs !== 'none' && stage === 'ready';
  const isCounted = isPlain && (scene.dispatched === 0 || scene.firstWriteFailed === true);
  return {
    exchange,
    nowMs: NOW,
    error: errorFactsOf(scene.error),
    closing: scene.how === undefined ? exchange.connection?.closing : endOf(scene, scene.how),
    stage,
    progress: {
      dispatched: scene.dispatched ?? (exchange.writes > 0 ? 120 : 0),
      complete: scene.uploading !== true && exchange.writes > 0,
      received: scene.received ?? 0,
    },
    waitedMs: scene.waitedMs ?? (exchange.writes > 0 ? elapsedMs : 0),
    statusCode: scene.status,
    // As the observers of sockets do.
    ...(scene.dead !== undefined || (scene.unwritten === true && isPlain) || isCounted ? { unsent: true } : {}),
    ...scene.seen,
  };
}

function endOf({ timedOut, isAfterwards }: Scene, how: Closing['how']): Closing {
  return { ...closingOf(how, NOW), ...(timedOut && !isAfterwards && { bySocketTimer: true }) };
}

function connectionOf(
  { idleMs = 3_000, uses = 1, ...scene }: Scene,
  stage: Evidence['stage'],
  atMs: number,
): Connection {
  const sinceMs = idleMs === 'fresh' ? atMs : scene.bornMs === undefined ? 0 : atMs - scene.bornMs;
  const connection = new Connection(1, sinceMs, { secure: scene.secure ?? false, adopted: scene.adopted ?? false });
  const { connectMs = 1 } = scene;
  if (stage === 'ready' || stage === 'tls') connection.connected(sinceMs + connectMs);
  if (stage === 'ready') connection.secured(sinceMs + connectMs + 1);
  if (idleMs === 'shared') connection.wrote();
  if (typeof idleMs !== 'number') return connection;
  for (let i = 0; i < uses; i++) connection.wrote();
  connection.clientTimeoutMs = scene.clientTimeoutMs;
  connection.release(atMs - idleMs, atMs - idleMs);
  return connection;
}

function closingOf(how: Closing['how'], atMs: number): Closing {
  return { atMs, how, initiator: INITIATOR_OF[how] };
}

/** A verdict as one line: kind, phase, initiator, sent, cause, confidence, retry_safe. */
export function verdictOf(scene: Scene): string {
  return line(classify(evidenceOf(scene)));
}

export function line(failure: SocketFailure): string {
  const { kind, phase, initiator, sent, cause, confidence, retrySafe } = failure;
  return `${kind} ${phase} ${initiator} ${sent} ${cause} ${confidence} ${retrySafe ? 'retry' : 'no'}`;
}
