import type { Socket } from 'node:net';
import type { Closing, Connection } from '../connection/connection';
import { agreement, type SocketFailure } from '../connection/failure';
import { Origins } from '../connection/origins';
import type { Reporter, TransportName } from '../connection/reporter';
import { Tallies } from '../connection/tally';
import type { Undo } from './undo';

/** One kind of observation: who wants to hear of it, first come first served, and how to stop it. */
interface Seat {
  readonly reporters: Reporter[];
  undo: Undo | undefined;
}

/** Called when a tracked socket is destroyed, before anybody is told and while its handle can still be asked. */
export type DestroyListener = (connection: Connection, socket: Socket, closing: Closing) => void;

/**
 * What all copies of this package in one process share, so that two of them never patch or count twice. Its shape is a
 * contract: change it only together with the number in the symbol.
 */
export interface Slot {
  nextId: number;
  sockets: WeakMap<object, Connection>;
  readonly origins: Origins;
  /** Client connections that are up now and have carried a request that is reported. */
  readonly open: Set<Connection>;
  readonly tallies: Tallies;
  readonly failures: WeakMap<object, SocketFailure>;
  /** Told when a tracked socket is destroyed; the copy that patched the sockets may not be the one that listens. */
  readonly destroyListeners: Set<DestroyListener>;
  /** `agent.destroy()` is running. */
  isAgentDestroying: boolean;
  readonly seats: Record<TransportName | 'net', Seat>;
}

const KEY = Symbol.for('opentelemetry-instrumentation-socket/1');
const shared = globalThis as { [KEY]?: Slot };

const empty = (): Seat => ({ reporters: [], undo: undefined });

shared[KEY] ??= {
  nextId: 1,
  sockets: new WeakMap(),
  origins: new Origins(),
  open: new Set(),
  tallies: new Tallies(),
  failures: new WeakMap(),
  destroyListeners: new Set(),
  isAgentDestroying: false,
  seats: { client: empty(), server: empty(), undici: empty(), net: empty() },
};

export const slot: Slot = shared[KEY];

/** The reporter that is in charge of a transport: the first that was enabled. */
export function reporterOf(transport: TransportName): Reporter | undefined {
  return slot.seats[transport].reporters[0];
}

/**
 * Takes a seat for `reporter`. The first to sit down starts the observation, the last to leave stops it; whoever sits
 * first is told. Idempotent undo.
 */
export function takeSeat(transport: TransportName | 'net', reporter: Reporter, start: () => Undo): Undo {
  const seat = slot.seats[transport];
  seat.reporters.push(reporter);
  seat.undo ??= start();
  let seated = true;
  return () => {
    if (!seated) return;
    seated = false;
    seat.reporters.splice(seat.reporters.indexOf(reporter), 1);
    if (seat.reporters.length > 0) return;
    seat.undo?.();
    seat.undo = undefined;
  };
}

/** The verdict on an error object; what several requests that share it agree on. */
export function remember(error: unknown, failure: SocketFailure): void {
  if (typeof error !== 'object' || error === null) return;
  const known = slot.failures.get(error);
  if (known === failure) return;
  slot.failures.set(error, known === undefined ? failure : agreement(known, failure));
}
