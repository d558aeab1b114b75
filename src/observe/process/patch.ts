import {
  type Channel,
  type ChannelListener,
  channel,
  subscribe as listen,
  unsubscribe,
} from 'node:diagnostics_channel';
import shimmer from 'shimmer';

export type Undo = () => void;

/** Undoes several changes, in reverse order. */
export function undoAll(undos: readonly Undo[]): Undo {
  return () => {
    for (const undo of [...undos].reverse()) undo();
  };
}

let onFault: (error: unknown) => void = () => undefined;

/** Sets the handler of our own exceptions. */
export function setFaultHandler(handler: (error: unknown) => void): void {
  onFault = handler;
}

/** Reports one of our own exceptions. An exception of the logger is ignored: it would stop the program. */
export function reportFault(error: unknown): void {
  try {
    onFault(error);
  } catch {}
}

/** Wraps one of our handlers so that nothing it throws reaches the program. */
export function guarded<A extends readonly unknown[]>(handler: (...args: A) => void): (...args: A) => void {
  const run = handler as unknown as (first: unknown, second: unknown, third: unknown) => void;
  // No handler takes more than three arguments; a rest parameter would allocate an array per call.
  const guard = (first: unknown, second: unknown, third: unknown) => {
    try {
      run(first, second, third);
    } catch (error) {
      reportFault(error);
    }
  };
  return guard as unknown as (...args: A) => void;
}

/** Subscribes to a diagnostics channel, whose messages are of type `T`. */
export function subscribe<T = unknown>(channel: string, handler: (message: T) => void): Undo {
  return subscribeUnguarded<T>(channel, (message) => {
    try {
      handler(message);
    } catch (error) {
      reportFault(error);
    }
  });
}

/** The same for a handler that catches what it throws: it runs for every request, where each extra call costs time. */
export function subscribeUnguarded<T>(channel: string, handler: (message: T) => void): Undo {
  const listener = handler as ChannelListener;
  listen(channel, listener);
  return () => {
    unsubscribe(channel, listener);
  };
}

/**
 * Runs `enter` before, and `leave` after, the subscribers of a channel; `leave` gets what `enter` returned, undefined if
 * that threw. The channel object gets its own `publish`, which is our only frame in their stacks and is removed by the
 * undo. `leave` follows each `enter`, whatever happens in between. A channel without subscribers is not published on,
 * hence the empty one.
 */
export function intercept<T>(
  name: string,
  enter: (message: unknown) => T,
  leave?: (entered: T | undefined) => void,
): Undo {
  const target: Channel = channel(name);
  const unsubscribe = subscribe(name, () => undefined);
  const theirs = Object.getOwnPropertyDescriptor(target, 'publish');
  let active = true;
  const { publish } = {
    publish(this: Channel, message: unknown): void {
      const isEntered = active;
      let entered: T | undefined;
      if (isEntered)
        try {
          entered = enter(message);
        } catch (error) {
          reportFault(error);
        }
      try {
        (theirs?.value ?? Object.getPrototypeOf(this).publish).call(this, message);
      } finally {
        if (isEntered && leave !== undefined)
          try {
            leave(entered);
          } catch (error) {
            reportFault(error);
          }
      }
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

/** Whether a patch is active. After its undo it may still be called, by another library's wrapper. */
export interface PatchState {
  readonly active: boolean;
}

/**
 * Replaces a prototype method by the function that `wrap` returns, which is our only frame in the program's stacks.
 * That function takes the method's own parameters, gets its name and length from it, and only calls the original while
 * its `state` is not active. A method that this Node does not have, or that the program has frozen, is not patched. The
 * undo removes only what is still ours: under another library's wrapper, and on a prototype that was frozen since, our
 * function stays and passes everything through.
 */
export function patch(proto: object, name: string, wrap: (original: Method, state: PatchState) => Method): Undo {
  const methods = proto as Record<string, Method>;
  const original = methods[name];
  if (typeof original !== 'function' || !isReplaceable(proto, name)) return () => undefined;
  const state = { active: true };
  const ours = wrap(original, state);
  // Node binds some methods for each request, which is far slower where these are redefined.
  for (const key of ['name', 'length'] as const)
    if (ours[key] !== original[key]) Object.defineProperty(ours, key, { value: original[key], configurable: true });
  guarded(() => shimmer.wrap(methods, name, () => ours))();
  return () => {
    state.active = false;
    if (methods[name] === ours && isReplaceable(proto, name)) guarded(() => shimmer.unwrap(methods, name))();
  };
}

function isReplaceable(proto: object, name: string): boolean {
  const own = Object.getOwnPropertyDescriptor(proto, name);
  return own === undefined ? Object.isExtensible(proto) : own.configurable === true;
}

/** Runs `handler` before a prototype method, with its first two arguments. None of the methods has more than four. */
export function before(
  proto: object,
  name: string,
  handler: (self: unknown, first: unknown, second: unknown) => void,
): Undo {
  return patch(
    proto,
    name,
    (original, state) =>
      function observed(first, second, third, fourth) {
        if (state.active) {
          try {
            handler(this, first, second);
          } catch (error) {
            reportFault(error);
          }
        }
        return original.call(this, first, second, third, fourth);
      },
  );
}
