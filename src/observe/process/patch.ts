import {
  type Channel,
  type ChannelListener,
  channel,
  subscribe as listen,
  unsubscribe,
} from 'node:diagnostics_channel';
import shimmer from 'shimmer';

export type Undo = () => void;

/** The undo of several, last done first undone. */
export function undoAll(undos: readonly Undo[]): Undo {
  return () => {
    for (const undo of [...undos].reverse()) undo();
  };
}

let onFault: (error: unknown) => void = () => undefined;

/** Where exceptions of ours go. */
export function setFaultHandler(handler: (error: unknown) => void): void {
  onFault = handler;
}

/** Reports an exception of ours. A logger that throws goes unheard: it would stop the program. */
function report(error: unknown): void {
  try {
    onFault(error);
  } catch {}
}

/** Runs a handler of ours so that nothing it throws reaches the program: the one guard, at the border. */
export function guarded<A extends readonly unknown[]>(handler: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      handler(...args);
    } catch (error) {
      report(error);
    }
  };
}

/** Subscribes to a diagnostics channel. */
export function subscribe(channel: string, handler: (message: unknown) => void): Undo {
  const listener: ChannelListener = guarded((message: unknown) => handler(message));
  listen(channel, listener);
  return () => {
    unsubscribe(channel, listener);
  };
}

/**
 * Stands around a channel's publications: the channel object gets a `publish` of its own, gone with the undo. A channel
 * without subscribers is not published on, hence the empty one. `announce` reaches the subscribers, once.
 */
export function intercept(name: string, around: (announce: () => void, message: unknown) => void): Undo {
  const target: Channel = channel(name);
  const unsubscribe = subscribe(name, () => undefined);
  const safely = guarded(around);
  const theirs = Object.getOwnPropertyDescriptor(target, 'publish');
  let active = true;
  const { publish } = {
    publish(this: Channel, message: unknown): void {
      let announced = false;
      const announce = () => {
        if (announced) return;
        announced = true;
        (theirs?.value ?? Object.getPrototypeOf(this).publish).call(this, message);
      };
      if (active) safely(announce, message);
      announce();
    },
  };
  Object.defineProperty(target, 'publish', { value: publish, configurable: true, enumerable: false, writable: true });
  return () => {
    active = false;
    unsubscribe();
    if (Object.getOwnPropertyDescriptor(target, 'publish')?.value !== publish) return;
    Reflect.deleteProperty(target, 'publish');
    if (theirs !== undefined) Object.defineProperty(target, 'publish', theirs);
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where methods of unknown shape are replaced
type Method = (this: any, ...args: any[]) => unknown;

/**
 * Replaces a prototype method by one that runs `wrap(original)`; a method that this Node does not have, or that the
 * program has frozen, is left alone.
 * The undo takes away only what is still ours: under another's wrapper ours stays and passes everything through.
 */
export function patch(proto: object, name: string, wrap: (original: Method) => Method): Undo {
  const methods = proto as Record<string, Method>;
  const original = methods[name];
  if (typeof original !== 'function') return () => undefined;
  const ours = wrap(original);
  let active = true;
  const wrapper: Method = function (...args) {
    return active ? ours.apply(this, args) : original.apply(this, args);
  };
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(wrapper, key, { value: original[key], configurable: true });
  }
  guarded(() => shimmer.wrap(methods, name, () => wrapper))();
  return () => {
    active = false;
    if (methods[name] === wrapper) guarded(() => shimmer.unwrap(methods, name))();
  };
}

/** Runs `handler` before a prototype method. */
export function before(proto: object, name: string, handler: (self: unknown, args: readonly unknown[]) => void): Undo {
  const run = guarded(handler);
  return patch(
    proto,
    name,
    (original) =>
      function (...args) {
        run(this, args);
        return original.apply(this, args);
      },
  );
}
