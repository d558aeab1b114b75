import { type Channel, channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Closing } from '../../connection/closing';
import type { Connection, CurrentExchange } from '../../connection/connection';
import type { Exchange } from '../../connection/exchange';
import { Origins } from '../../peer/origins';
import type { OutgoingRequest, Reporter } from '../../reporter';
import { commonVerdict } from '../../verdict/common-verdict';
import type { SocketFailure } from '../../verdict/failure';
import type { Undo } from './patch';

/** One kind of observation: the reporters that listen to it, the earliest first, and how to stop it. */
interface Observation {
  readonly reporters: Reporter[];
  undo: Undo | undefined;
}

/** Called when a tracked socket is destroyed, before anybody is told and while its handle can still be asked. */
export type DestroyListener = (
  connection: Connection,
  socket: Socket,
  closing: Closing,
  /** With which it is destroyed. */
  exception: unknown,
) => void;

/**
 * What all copies of this package in one process share, so that two of them never patch or count twice. Its shape is a
 * contract: change it only together with the number in the symbol.
 */
export interface ProcessState {
  nextId: number;
  sockets: WeakMap<object, Connection>;
  readonly origins: Origins;
  /** Client connections that are up now and are counted; empty without metrics. */
  readonly open: Set<Connection>;
  /** What the metrics are counted in; made by the first report that has metrics, opaque here. */
  metricTables: unknown;
  readonly failures: WeakMap<object, SocketFailure>;
  /** CLIENT spans that belong to a request already. */
  readonly taken: WeakSet<object>;
  /** Told when a tracked socket is destroyed; the copy that patched the sockets may not be the one that listens. */
  readonly destroyListeners: Set<DestroyListener>;
  /** `agent.destroy()` is running. */
  isAgentDestroying: boolean;
  /** By transport, and `net` for what all of them need. */
  readonly observations: Map<string, Observation>;
}

const NAME = 'opentelemetry-instrumentation-socket/1';
const KEY = Symbol.for(NAME);
const shared = globalThis as { [KEY]?: ProcessState };
/** A test runner gives each test file a `globalThis` of its own, above the same `http` and `net`. Channels they share. */
const meeting = channel(NAME) as Channel & { processState?: ProcessState };

export const processState: ProcessState = shared[KEY] ??
  meeting.processState ?? {
    nextId: 1,
    sockets: new WeakMap(),
    origins: new Origins(),
    open: new Set(),
    metricTables: undefined,
    failures: new WeakMap(),
    taken: new WeakSet(),
    destroyListeners: new Set(),
    isAgentDestroying: false,
    observations: new Map(),
  };

shared[KEY] = processState;
meeting.processState = processState;
// Jest deletes what it can of the objects that a test file left on its `globalThis`.
Object.seal(processState);

/**
 * The reporter that is in charge: the first that was enabled and, for an exchange with a span, that found it. A sandbox
 * of a test runner that is gone keeps its seat, and finds none.
 */
export function reporterOf(transport: string, exchange?: CurrentExchange): Reporter | undefined {
  const reporters = reportersOf(transport);
  return reporters.find((reporter) => reporter === exchange?.reporter) ?? reporters[0];
}

function reportersOf(transport: string): readonly Reporter[] {
  return processState.observations.get(transport)?.reporters ?? [];
}

/** Asks for the span of an exchange, first come first. */
export function findSpan(transport: string, exchange: Exchange, ask: (reporter: Reporter) => unknown): void {
  for (const reporter of reportersOf(transport)) {
    const span = ask(reporter);
    if (span === undefined) continue;
    exchange.found(span, reporter);
    return;
  }
}

/** The CLIENT span of a request that is being constructed. */
export function findClientSpan(exchange: Exchange, request: OutgoingRequest): void {
  findSpan('httpClient', exchange, (reporter) => reporter.clientSpan(request, processState.taken));
  take(exchange.span);
}

/** Who watches spans now: the reporters of each `watchSpans` that no `noticeSpan` has ended yet, and how many they are. */
const watching: Reporter[] = [];
const watchers: number[] = [];

/** Others are about to make the CLIENT span of a request, without making it active. `noticeSpan` ends it; pairs nest. */
export function watchSpans(): void {
  const reporters = reportersOf('undici');
  watchers.push(reporters.length);
  for (const reporter of reporters) watching.push(reporter);
  for (const reporter of reporters) reporter.watchSpans();
}

/**
 * The CLIENT span that others made since `watchSpans`. Sandboxes that are gone leave subscribers that go on making spans:
 * of several spans the one that was noticed by the newest reporter.
 */
export function noticeSpan(exchange: Exchange | undefined, request: OutgoingRequest | undefined): void {
  for (let count = watchers.pop() ?? 0; count > 0; count -= 1) {
    const reporter = watching.pop();
    const span = reporter?.noticedSpan(request, processState.taken);
    if (reporter === undefined || span === undefined || exchange === undefined) continue;
    if ((exchange.span ?? span) === span) exchange.found(span, reporter);
  }
  take(exchange?.span);
}

function take(span: unknown): void {
  if (typeof span === 'object' && span !== null) processState.taken.add(span);
}

/**
 * Registers `reporter` with the observation of a transport (or of `net`). The first one starts the observation, the last
 * one to leave stops it; the earliest is in charge. Idempotent undo.
 */
export function registerObserver(transport: string, reporter: Reporter, start: () => Undo): Undo {
  const observation = observationOf(transport);
  const { reporters } = observation;
  reporters.push(reporter);
  observation.undo ??= start();
  let registered = true;
  return () => {
    if (!registered) return;
    registered = false;
    reporters.splice(reporters.indexOf(reporter), 1);
    if (reporters.length > 0) return;
    observation.undo?.();
    observation.undo = undefined;
  };
}

function observationOf(transport: string): Observation {
  const known = processState.observations.get(transport);
  if (known !== undefined) return known;
  const observation: Observation = { reporters: [], undo: undefined };
  processState.observations.set(transport, observation);
  return observation;
}

/** The verdict on an error object; what several requests that share it agree on. */
export function remember(error: unknown, failure: SocketFailure): void {
  if (typeof error !== 'object' || error === null) return;
  const known = processState.failures.get(error);
  if (known === failure) return;
  processState.failures.set(error, known === undefined ? failure : commonVerdict(known, failure));
}
