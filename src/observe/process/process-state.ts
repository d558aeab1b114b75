import { type Channel, channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Closing, Connection } from '../../connection/connection';
import type { Exchange } from '../../connection/exchange';
import { Origins } from '../../peer/origins';
import { Tallies } from '../../report/tally';
import type { OutgoingRequest, Reporter, TransportName } from '../../reporter';
import type { SocketFailure } from '../../verdict/failure';
import { agreement } from '../../verdict/judgement';
import type { Undo } from './patch';

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
  /** Client connections that are up now and are counted; empty without metrics. */
  readonly open: Set<Connection>;
  readonly tallies: Tallies;
  readonly failures: WeakMap<object, SocketFailure>;
  /** CLIENT spans that belong to a request already. */
  readonly taken: WeakSet<object>;
  /** Told when a tracked socket is destroyed; the copy that patched the sockets may not be the one that listens. */
  readonly destroyListeners: Set<DestroyListener>;
  /** `agent.destroy()` is running. */
  isAgentDestroying: boolean;
  readonly seats: Record<TransportName | 'net', Seat>;
}

const NAME = 'opentelemetry-instrumentation-socket/1';
const KEY = Symbol.for(NAME);
const shared = globalThis as { [KEY]?: Slot };
/** A test runner gives each test file a `globalThis` of its own, above the same `http` and `net`. Channels they share. */
const meeting = channel(NAME) as Channel & { slot?: Slot };

const empty = (): Seat => ({ reporters: [], undo: undefined });

export const slot: Slot = shared[KEY] ??
  meeting.slot ?? {
    nextId: 1,
    sockets: new WeakMap(),
    origins: new Origins(),
    open: new Set(),
    tallies: new Tallies(),
    failures: new WeakMap(),
    taken: new WeakSet(),
    destroyListeners: new Set(),
    isAgentDestroying: false,
    seats: { client: empty(), server: empty(), undici: empty(), net: empty() },
  };

shared[KEY] = slot;
meeting.slot = slot;
// Jest deletes what it can of the objects that a test file left on its `globalThis`.
Object.seal(slot);

/**
 * The reporter that is in charge: the first that was enabled and, for an exchange with a span, that found it. A sandbox
 * of a test runner that is gone keeps its seat, and finds none.
 */
export function reporterOf(transport: TransportName, exchange?: Exchange): Reporter | undefined {
  const { reporters } = slot.seats[transport];
  const own = exchange?.reporter;
  return own !== undefined && reporters.includes(own) ? own : reporters[0];
}

/** Asks for the span of an exchange, first come first. */
export function findSpan(transport: TransportName, exchange: Exchange, ask: (reporter: Reporter) => unknown): void {
  for (const reporter of slot.seats[transport].reporters) {
    const span = ask(reporter);
    if (span === undefined) continue;
    exchange.found(span, reporter);
    return;
  }
}

/** The CLIENT span of a request that is being constructed. */
export function findClientSpan(exchange: Exchange, request: OutgoingRequest): void {
  findSpan('client', exchange, (reporter) => reporter.clientSpan(request, slot.taken));
  take(exchange.span);
}

/**
 * The CLIENT span that others make while `announce` runs, which happens once, however many look on. Sandboxes that are
 * gone leave subscribers that go on making spans: of several spans the one that was noticed by the newest reporter.
 */
export function noticeSpan(exchange: Exchange, request: OutgoingRequest, announce: () => void): void {
  const ask = slot.seats.undici.reporters.reduceRight(
    (inner, reporter) => () => {
      const span = reporter.noticedSpan(request, slot.taken, inner);
      if (span !== undefined && (exchange.span ?? span) === span) exchange.found(span, reporter);
    },
    announce,
  );
  ask();
  take(exchange.span);
}

function take(span: unknown): void {
  if (typeof span === 'object' && span !== null) slot.taken.add(span);
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
