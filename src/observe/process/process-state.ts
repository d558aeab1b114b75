import { type Channel, channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import type { CurrentExchange } from '../../connection/current-exchange';
import type { Endpoints } from '../../connection/endpoints';
import type { Exchange } from '../../connection/exchange';
import { UNSAMPLED } from '../../connection/span-handle';
import { Origins } from '../../peer/origins';
import type { OutgoingRequest, Reporter } from '../../reporter';
import { commonVerdict } from '../../verdict/common-verdict';
import type { SocketFailure } from '../../verdict/failure';
import type { Undo } from './patch';

/** One kind of observation: the reporters that use it, the earliest first, and how to stop it. */
interface Observation {
  /** Replaced when it changes: whoever holds it keeps what it was. */
  reporters: readonly Reporter[];
  undo: Undo | undefined;
}

/** Called when a tracked socket is destroyed, before the program is notified and while its handle can still be read. */
export type DestroyListener = (
  connection: Connection,
  socket: Socket,
  closing: Closing,
  /** The error with which it is destroyed. */
  exception: unknown,
) => void;

/**
 * The state that all copies of this package in one process share, so that two of them never patch or count twice. Its
 * shape is a contract: change it only together with the number in the symbol.
 */
export interface ProcessState {
  nextId: number;
  sockets: WeakMap<object, Connection>;
  readonly origins: Origins;
  /** Client connections that are established now and that are reported. */
  readonly open: Set<Connection>;
  /** The tables in which metrics are counted; created by the first report that has metrics, opaque here. */
  metricTables: unknown;
  readonly failures: WeakMap<object, SocketFailure>;
  /** CLIENT spans that already belong to a request, where others may be made in their context. */
  readonly taken: WeakSet<object>;
  /** Called when a tracked socket is destroyed; the copy that patched the sockets may not be the one that listens. */
  readonly destroyListeners: Set<DestroyListener>;
  /** `agent.destroy()` is running. */
  isAgentDestroying: boolean;
  /** Where the copies in other realms find this state. Node keeps a channel only as long as something refers to it. */
  readonly sharedChannel: Channel;
  /** By transport name; `net` is what all transports need. */
  readonly observations: Map<string, Observation>;
}

const NAME = 'opentelemetry-instrumentation-socket/1';
const KEY = Symbol.for(NAME);
const shared = globalThis as { [KEY]?: ProcessState };
/**
 * A test runner gives each test file its own `globalThis`, with the same `http` and `net`. Channels are shared, too.
 */
const sharedChannel = channel(NAME) as Channel & { processState?: ProcessState };

export const processState: ProcessState = shared[KEY] ??
  sharedChannel.processState ?? {
    nextId: 1,
    sockets: new WeakMap(),
    origins: new Origins(),
    open: new Set(),
    metricTables: undefined,
    failures: new WeakMap(),
    taken: new WeakSet(),
    destroyListeners: new Set(),
    isAgentDestroying: false,
    sharedChannel,
    observations: new Map(),
  };

shared[KEY] = processState;
sharedChannel.processState = processState;
// Jest deletes what it can from the objects that a test file left on its `globalThis`.
Object.seal(processState);

/**
 * The reporter in charge: the first that was enabled or, for an exchange with a span, the one that found it. A
 * torn-down test sandbox stays registered but never finds a span.
 */
export function reporterOf(transport: string, exchange?: CurrentExchange): Reporter | undefined {
  const reporters = reportersOf(transport);
  const first = reporters[0];
  const finder = exchange?.reporter;
  if (finder === undefined || finder === first) return first;
  return reporters.find((reporter) => reporter === finder) ?? first;
}

// Made once, and never replaced: each request needs one of them several times.
const httpClient = observationOf('httpClient');
const httpServer = observationOf('httpServer');
const undici = observationOf('undici');

function reportersOf(transport: string): readonly Reporter[] {
  if (transport === 'httpClient') return httpClient.reporters;
  if (transport === 'httpServer') return httpServer.reporters;
  return (transport === 'undici' ? undici : observationOf(transport)).reporters;
}

/** The CLIENT span of a request that is being constructed: the first that a reporter finds, in order of registration. */
export function findClientSpan(exchange: Exchange, request: OutgoingRequest): void {
  const reporters = reportersOf('httpClient');
  for (let i = 0; i < reporters.length; i += 1) {
    const reporter = reporters[i];
    const span = reporter?.clientSpan(request, processState.taken);
    if (reporter === undefined || span === undefined) continue;
    exchange.setSpan(span, reporter);
    return;
  }
}

/**
 * The SERVER span of the active context, in the same way; with `peer`, only if it is of a request of that peer. Returns
 * whether one was found, or none needs to be looked for.
 */
export function findServerSpan(exchange: Exchange, peer?: Endpoints): boolean {
  const reporters = reportersOf('httpServer');
  for (let i = 0; i < reporters.length; i += 1) {
    const reporter = reporters[i];
    const span = reporter?.serverSpan(peer);
    if (reporter === undefined || span === undefined) continue;
    if (span !== UNSAMPLED) exchange.setSpan(span, reporter);
    return true;
  }
  return false;
}

/** The reporters of each `watchSpans` that no `noticeSpan` has ended yet. */
const watching: (readonly Reporter[])[] = [];

/**
 * Another library is about to create the CLIENT span of a request, without making it active. `noticeSpan` ends it;
 * pairs nest.
 */
export function watchSpans(): void {
  const { reporters } = undici;
  watching.push(reporters);
  // Without iterators, because each request passes here.
  for (let i = 0; i < reporters.length; i += 1) reporters[i]?.watchSpans(watching.length);
}

/**
 * The CLIENT span that was created since `watchSpans`. Torn-down test sandboxes leave subscribers that continue to
 * create spans: among several spans the one noticed by the newest reporter is used. The earliest that noticed it reports.
 */
export function noticeSpan(exchange: Exchange | undefined, request: OutgoingRequest | undefined): void {
  const reporters = watching.pop();
  if (reporters === undefined) return;
  for (let i = reporters.length - 1; i >= 0; i -= 1) {
    const reporter = reporters[i];
    const span = reporter?.noticedSpan(request, processState.taken);
    if (reporter === undefined || span === undefined || exchange === undefined) continue;
    if ((exchange.span ?? span) === span) exchange.setSpan(span, reporter);
  }
}

/**
 * Other requests may be made in the context of this span, because its request needs a new connection: the span is not
 * theirs.
 */
export function take({ span }: Exchange): void {
  if (typeof span === 'object' && span !== null) processState.taken.add(span);
}

/**
 * Registers `reporter` with the observation of a transport (or of `net`). The first reporter starts the observation,
 * the last one to be removed stops it; the earliest is in charge. The undo is idempotent.
 */
export function registerObserver(transport: string, reporter: Reporter, start: () => Undo): Undo {
  const observation = observationOf(transport);
  observation.reporters = [...observation.reporters, reporter];
  observation.undo ??= start();
  let registered = true;
  return () => {
    if (!registered) return;
    registered = false;
    const own = observation.reporters.indexOf(reporter);
    observation.reporters = observation.reporters.filter((_, i) => i !== own);
    if (observation.reporters.length > 0) return;
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

/** Verdicts on requests for a tunnel. The request that the tunnel was for fails with the same error. */
const ofTunnels = new WeakSet<SocketFailure>();

export function noteTunnelFailure(failure: SocketFailure): void {
  ofTunnels.add(failure);
}

/** A request for a tunnel failed with this error. */
export function isOfTunnel(error: unknown): boolean {
  const known = typeof error === 'object' && error !== null ? processState.failures.get(error) : undefined;
  return known !== undefined && ofTunnels.has(known);
}

/**
 * Stores the verdict on an error object; if several requests share it, what their verdicts have in common. The verdict
 * on a tunnel request is replaced by that on the request that needed the tunnel.
 */
export function remember(error: unknown, failure: SocketFailure): void {
  if (typeof error !== 'object' || error === null) return;
  const known = processState.failures.get(error);
  if (known === failure) return;
  const isAlone = known === undefined || (ofTunnels.has(known) && !ofTunnels.has(failure));
  processState.failures.set(error, isAlone ? failure : commonVerdict(known, failure));
}
