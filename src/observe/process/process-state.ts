import { type Channel, channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import { Origins } from '../../peer/origins';
import type { Reporter } from '../../reporter';
import type { SocketFailure } from '../../verdict/failure';
import type { Undo } from './patch';

/** One kind of observation: the reporters that use it, the earliest first, and how to stop it. */
export interface Observation {
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
  /** CLIENT spans that belong to a request, but in whose context other requests may start. */
  readonly taken: WeakSet<object>;
  /** Called when a tracked socket is destroyed; the copy that patched the sockets may not be the one that listens. */
  readonly destroyListeners: Set<DestroyListener>;
  /** `agent.destroy()` is running. */
  isAgentDestroying: boolean;
  /** Where the copies in other realms find this state. Node keeps a channel only while something refers to it. */
  readonly sharedChannel: Channel;
  /** By transport name; `net` is what all transports need. */
  readonly observations: Map<string, Observation>;
}

const NAME = 'opentelemetry-instrumentation-socket/1';
const KEY = Symbol.for(NAME);
const shared = globalThis as { [KEY]?: ProcessState };
/**
 * A test runner gives each test file its own `globalThis`, with the same `http` and `net`. Channels are also shared.
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
