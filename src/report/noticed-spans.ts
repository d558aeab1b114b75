import { type Context, context, type Span, type Tracer, type TracerProvider, trace } from '@opentelemetry/api';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';

type StartSpan = Tracer['startSpan'];
type SetValue = Context['setValue'];

/** One watch: the index of its first span in `noticed`, and the context whose `setValue` was replaced. */
interface Watch {
  from: number;
  context: Context | undefined;
  setValue: SetValue | undefined;
  isOwn: boolean;
}

/** The open watches, outermost first, are the first `depth` of these: the records are reused. */
const watches: Watch[] = [];
let depth = 0;
/** The spans that the open watches have noticed, oldest first; emptied when the last watch ends. */
const noticed: Span[] = [];

/**
 * Notices the spans that other libraries start, or put into a context derived from the active one, in this synchronous
 * call, until `endWatch`. Two functions are replaced and then restored: `startSpan` of the SDK's tracers, which works
 * with any context manager, and `setValue` of the active context, which works with any tracer provider. No context is
 * created.
 */
export function beginWatch(): void {
  const active = context.active();
  let watch = watches[depth];
  if (watch === undefined) {
    watch = { from: 0, context: undefined, setValue: undefined, isOwn: false };
    watches.push(watch);
  }
  watch.from = noticed.length;
  depth += 1;
  if (depth === 1) tracers().install();
  if (active.setValue === setValue) return;
  watch.isOwn = Object.hasOwn(active, 'setValue');
  watch.setValue = active.setValue;
  try {
    active.setValue = setValue;
    watch.context = active;
  } catch {
    // A frozen context cannot be patched.
  }
}

/** Restores what the last `beginWatch` replaced, and passes the spans noticed since then to `look`, oldest first. */
export function endWatch<A, T>(look: (spans: readonly Span[], from: number, asked: A) => T, asked: A): T | undefined {
  const watch = watches[depth - 1];
  if (watch === undefined) return undefined;
  const { from, context: changed, setValue: theirs } = watch;
  if (changed !== undefined && changed.setValue === setValue) {
    if (watch.isOwn && theirs !== undefined) changed.setValue = theirs;
    else Reflect.deleteProperty(changed, 'setValue');
  }
  watch.context = undefined;
  watch.setValue = undefined;
  depth -= 1;
  if (depth === 0) patched?.remove();
  try {
    return look(noticed, from, asked);
  } finally {
    noticed.length = from;
  }
}

function note(span: Span): void {
  if (depth > 0 && noticed.at(-1) !== span) noticed.push(span);
}

/** Replaces the `setValue` of the contexts that are active in the watches. */
function setValue(this: Context, key: symbol, value: unknown): Context {
  const theirs = setValueOf(this);
  const next = theirs.call(this, key, value);
  const span = trace.getSpan(next);
  if (span !== undefined && span === value) note(span);
  return next;
}

/** Our function may have been kept beyond the watch: by then the context has its own again. */
function setValueOf(self: Context): SetValue {
  for (let i = depth - 1; i >= 0; i -= 1) {
    const watch = watches[i];
    if (watch?.context === self && watch.setValue !== undefined) return watch.setValue;
  }
  return self.setValue;
}

/** The prototype that holds `startSpan` for a provider's tracers, and the function that replaces it during a watch. */
class TracerPatch {
  readonly provider: TracerProvider;
  readonly #prototype: Tracer | undefined;
  readonly #ours: StartSpan;
  #theirs: StartSpan | undefined;
  /** Another library has wrapped our function, and may keep it. */
  #isBelow = false;

  constructor(provider: TracerProvider) {
    this.provider = provider;
    this.#prototype = prototypeOf(provider);
    const theirs = () => this.#theirs;
    this.#ours = function startSpan(this: Tracer, name, options, parent) {
      const span = (theirs() as StartSpan).call(this, name, options, parent);
      note(span);
      return span;
    };
    const { name, length } = this.#prototype?.startSpan ?? this.#ours;
    Object.defineProperty(this.#ours, 'name', { value: name, configurable: true });
    Object.defineProperty(this.#ours, 'length', { value: length, configurable: true });
  }

  install(): void {
    const prototype = this.#prototype;
    if (prototype === undefined || this.#isBelow || prototype.startSpan === this.#ours) return;
    this.#theirs = prototype.startSpan;
    prototype.startSpan = this.#ours;
  }

  remove(): void {
    const prototype = this.#prototype;
    if (prototype === undefined || this.#theirs === undefined || this.#isBelow) return;
    if (prototype.startSpan === this.#ours) prototype.startSpan = this.#theirs;
    else this.#isBelow = true;
  }
}

let patched: TracerPatch | undefined;

/** The tracers of the current global provider. */
function tracers(): TracerPatch {
  const provider = settled(trace.getTracerProvider());
  if (patched === undefined || patched.provider !== provider) patched = new TracerPatch(provider);
  return patched;
}

/** The provider behind the API's proxy; before an SDK registers, it does nothing. */
function settled(provider: TracerProvider): TracerProvider {
  const { getDelegate } = provider as { getDelegate?: () => TracerProvider };
  return typeof getDelegate === 'function' ? getDelegate.call(provider) : provider;
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
