import type { ChildProcess } from 'node:child_process';

/** How `scripted` ends idle connections: FIN, RST, a destroy (RST on the next byte), or a 408 and FIN. */
export type Ending = 'fin' | 'rst' | 'destroy' | '408';

/** How a peer is to behave. Times in ms. */
export interface PeerOptions {
  /** Idle timeout of kept-alive connections; absent: none that matters. */
  readonly idleMs?: number;
  /** It varies: by up to this share of it, more or less. `scripted` only. */
  readonly jitter?: number;
  /** Requests a connection, then it is retired without a word in advance (`scripted`), or as the server does it. */
  readonly maxRequests?: number;
  /** Age of a connection at which it is retired. */
  readonly maxAgeMs?: number;
  readonly secure?: boolean;
  /** Tells the idle timeout in a `Keep-Alive` header, where the server lets one choose. */
  readonly announce?: boolean;
  /** Limit on the time between two reads from the backend, at a proxy. */
  readonly readTimeoutMs?: number;
  readonly ending?: Ending;
  /**
   * Ends idle connections at random moments, so many a second: any of them, or only those of bystanders. `scripted` only.
   */
  readonly churn?: { readonly perSecond: number; readonly seed: number; readonly hits: 'all' | 'bystanders' };
  /** Fixed, to come back on the port of before. */
  readonly port?: number;
  /** Address to listen on. */
  readonly host?: string;
  /** Prefix of the command that starts the server: a network namespace. */
  readonly exec?: readonly string[];
}

/** A server in a process of its own, whose truth can be asked for. */
export interface CorpusPeer {
  readonly port: number;
  readonly host: string;
  /** Idle timeout that is really in force. */
  readonly idleMs: number;
  /** `x-id` of each request that the application behind it got to see. */
  processed(): ReadonlySet<string>;
  /** `scripted` only: what it did on purpose, by its own log. */
  fates(): Fates;
  /** `scripted` only: does as told, and returns when the kernel knows; the loop is blocked meanwhile. */
  command(what: Command): void;
  /** Another configuration, same port. */
  reload(options: PeerOptions): Promise<void>;
  /** Resolves when the process is gone. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** When it was killed, and seen to be gone (`performance.now`). */
  readonly deaths: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** After a kill: again, on the same port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A peer's own log. */
export interface Fates {
  /** By `x-id`: the true cause of the end that the peer made of this request. */
  readonly causes: ReadonlyMap<string, string>;
  /** By the client's port: why the peer ended the connection while nothing was in flight on it. */
  readonly endings: ReadonlyMap<number, string>;
}

export type Command =
  /** Ends all idle connections, or one of so many; of all, or of some. */
  | {
      readonly do: 'end-idle';
      readonly how: 'fin' | 'rst' | 'destroy';
      readonly every?: number;
      readonly of?: 'bystanders' | 'others';
    }
  /** New connections are reset when their first bytes arrive. */
  | { readonly do: 'drop-new'; readonly on: boolean }
  /** Sends a message on every stream. */
  | { readonly do: 'broadcast' }
  /** It reads no more of what it is sent. */
  | { readonly do: 'deaf'; readonly on: boolean }
  | { readonly do: 'exit' };

/** Waits for a process to be gone. */
export function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Stops the loop of this thread. */
export function block(ms: number): void {
  Atomics.wait(sleeper, 0, 0, ms);
}

/** Stops the loop of this thread until `done`, at most 20 s. */
export function blockUntil(done: () => boolean, what: string): void {
  const end = performance.now() + 20_000;
  while (!done()) {
    if (performance.now() > end) throw new Error(`waited 20 s for: ${what}`);
    block(1);
  }
}
