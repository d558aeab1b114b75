import { type Context, context, type Span, type Tracer, type TracerProvider, trace } from '@opentelemetry/api';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';
import { registered } from './registered';

type StartSpan = Tracer['startSpan'];
type SetValue = Context['setValue'];

/** One watch: the number of its request, and the index of its first span in `noticed`. */
interface Watch {
  of: number;
  /** How many instances have begun it and not ended it yet. */
  holders: number;
  from: number;
  context: Context | undefined;
  /** The context's `setValue` while ours is in its place; undefined if it was not replaced. */
  setValue: SetValue | undefined;
  isOwn: boolean;
}

/** Chooses among the spans noticed, `from` to the last before `to`, in the context that was active meanwhile. */
type Choose<A, B, T> = (
  spans: readonly (Span | undefined)[],
  from: number,
  to: number,
  active: Context,
  first: A,
  second: B,
) => T;

// Each use of an export of the API is a call of a getter.
const contexts = context;
const traces = trace;

/** The open watches, outermost first, are the first `depth` of these: the records are reused. */
const watches: Watch[] = [];
let depth = 0;
/**
 * The spans that the open watches have noticed, oldest first, are the first `count` of these. The places are reused,
 * because an array that shrinks is allocated again when it grows.
 */
const noticed: (Span | undefined)[] = [];
let count = 0;

/**
 * Notices the spans that other libraries start, or put into a context derived from the active one, in this synchronous
 * call, until `endWatch`. Two functions are replaced and then restored: `startSpan` of the SDK's tracers, which works
 * with any context manager, and `setValue` of the active context, which works with any tracer provider. No context is
 * created. `of`: a number of the request; instances that watch for the same one share the watch.
 */
export function beginWatch(of: number): void {
  const outer = watches[depth - 1];
  if (outer?.of === of) {
    outer.holders += 1;
    return;
  }
  const active = contexts.active();
  watches[depth] ??= { of, holders: 1, from: 0, context: undefined, setValue: undefined, isOwn: false };
  const watch = watches[depth] as Watch;
  watch.of = of;
  watch.holders = 1;
  watch.from = count;
  watch.context = active;
  depth += 1;
  if (depth === 1) {
    if (patched === undefined || !patched.isCurrent()) patched = currentPatch(patched);
    patched.install();
  }
  const theirs = active.setValue;
  if (theirs === setValue) return;
  watch.isOwn = Object.hasOwn(active, 'setValue');
  try {
    active.setValue = setValue;
    watch.setValue = theirs;
  } catch {
    // A frozen context cannot be patched.
  }
}

/** Restores what the last `beginWatch` replaced, and lets `choose` choose among the spans noticed since then. */
export function endWatch<A, B, T>(choose: Choose<A, B, T>, first: A, second: B): T | undefined {
  const watch = watches[depth - 1];
  const active = watch?.context;
  if (watch === undefined || active === undefined) return undefined;
  const { from, setValue: theirs } = watch;
  if (watch.holders > 1) {
    watch.holders -= 1;
    return choose(noticed, from, count, active, first, second);
  }
  if (theirs !== undefined && active.setValue === setValue) {
    if (watch.isOwn) active.setValue = theirs;
    else Reflect.deleteProperty(active, 'setValue');
  }
  watch.context = undefined;
  watch.setValue = undefined;
  depth -= 1;
  if (depth === 0) patched?.remove();
  try {
    return choose(noticed, from, count, active, first, second);
  } finally {
    while (count > from) {
      count -= 1;
      noticed[count] = undefined;
    }
  }
}

function note(span: Span): void {
  if (depth === 0 || (count > 0 && noticed[count - 1] === span)) return;
  noticed[count] = span;
  count += 1;
}

/** Replaces the `setValue` of the contexts that are active in the watches. */
function setValue(this: Context, key: symbol, value: unknown): Context {
  const watch = watches[depth - 1];
  const theirs = watch?.context === this ? watch.setValue : undefined;
  const next = (theirs ?? setValueOf(this)).call(this, key, value);
  // Mostly the tracer was seen to start this span.
  if (count > 0 && noticed[count - 1] === value) return next;
  const span = traces.getSpan(next);
  if (span !== undefined && span === value) note(span);
  return next;
}

/** A caller may keep our function beyond the watch, when the context already has its own again. */
function setValueOf(self: Context): SetValue {
  for (let i = depth - 1; i >= 0; i -= 1) {
    const watch = watches[i];
    if (watch?.context === self && watch.setValue !== undefined) return watch.setValue;
  }
  return self.setValue;
}

/** The API's proxy leads to a provider that does nothing, until an SDK registers its own. */
interface Proxy {
  readonly getDelegate?: () => TracerProvider;
}

/** The prototype that holds `startSpan` for a provider's tracers, and the function that replaces it during a watch. */
class TracerPatch {
  readonly provider: TracerProvider;
  /** The API's proxy of the provider, if it is the one that is registered. */
  readonly #proxy: Proxy | undefined;
  /** Reading what is registered costs less than asking the API. */
  readonly #registered = registered();
  readonly #prototype: Tracer | undefined;
  readonly #ours: StartSpan;
  theirs: StartSpan | undefined;
  /** Another library has wrapped our function, and may keep it. */
  #isBelow = false;

  constructor(provider: TracerProvider, proxy: Proxy | undefined) {
    this.provider = provider;
    this.#proxy = proxy;
    this.#prototype = prototypeOf(provider);
    const patch = this;
    this.#ours = function startSpan(this: Tracer, name, options, parent) {
      const span = (patch.theirs as StartSpan).call(this, name, options, parent);
      note(span);
      return span;
    };
    const { name, length } = this.#prototype?.startSpan ?? this.#ours;
    Object.defineProperty(this.#ours, 'name', { value: name, configurable: true });
    Object.defineProperty(this.#ours, 'length', { value: length, configurable: true });
  }

  /** The provider is still the global one; false if that is not certain. */
  isCurrent(): boolean {
    const proxy = this.#proxy;
    return proxy !== undefined && this.#registered?.trace === proxy && proxy.getDelegate?.() === this.provider;
  }

  install(): void {
    const prototype = this.#prototype;
    if (prototype === undefined || this.#isBelow || prototype.startSpan === this.#ours) return;
    this.theirs = prototype.startSpan;
    prototype.startSpan = this.#ours;
  }

  remove(): void {
    const prototype = this.#prototype;
    if (prototype === undefined || this.theirs === undefined || this.#isBelow) return;
    if (prototype.startSpan === this.#ours) prototype.startSpan = this.theirs;
    else this.#isBelow = true;
  }
}

let patched: TracerPatch | undefined;

/** The patch for the tracers of the current global provider, which may be the known one. */
function currentPatch(known: TracerPatch | undefined): TracerPatch {
  const provided: TracerProvider & Proxy = traces.getTracerProvider();
  const isProxy = typeof provided.getDelegate === 'function';
  const provider = provided.getDelegate?.() ?? provided;
  if (known?.provider === provider) return known;
  return new TracerPatch(provider, isProxy && registered()?.trace === provided ? provided : undefined);
}

/** The prototype that holds `startSpan`, if there is one and the method can be replaced by assignment. */
function prototypeOf(provider: TracerProvider): Tracer | undefined {
  const tracer: unknown = provider.getTracer(PACKAGE_NAME, PACKAGE_VERSION);
  let holder: unknown = Object.getPrototypeOf(tracer);
  while (typeof holder === 'object' && holder !== null && !Object.hasOwn(holder, 'startSpan'))
    holder = Object.getPrototypeOf(holder);
  if (typeof holder !== 'object' || holder === null) return undefined;
  const own = Object.getOwnPropertyDescriptor(holder, 'startSpan');
  return own?.writable === true && typeof own.value === 'function' ? (holder as Tracer) : undefined;
}
