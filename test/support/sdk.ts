import { context, propagation, type Span, SpanKind, type SpanStatus, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { type Sampler, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** What the tests read of a span that has ended. */
export interface EndedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: SpanStatus;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly instrumentationScope: { readonly name: string };
}

/** All spans that ended so far, in order. */
export const ended: EndedSpan[] = [];
const waiting = new Set<() => void>();

/** Sets up a real SDK, global, with nothing but a list to write to. Works with OpenTelemetry 2.x and 3.x. */
export function startSdk({ sampler, processor }: { sampler?: Sampler; processor?: SpanProcessor } = {}): void {
  const collector = {
    onStart: () => undefined,
    onEnd: (span: unknown) => {
      ended.push(span as EndedSpan);
      for (const check of [...waiting]) check();
    },
    shutdown: () => Promise.resolve(),
    forceFlush: () => Promise.resolve(),
  };
  const spanProcessors = processor === undefined ? [collector] : [processor, collector];
  const provider = new TracerProvider({ spanProcessors, ...(sampler === undefined ? {} : { sampler }) });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

/** The `count` spans of one kind that end next; forgets those that ended before. */
export async function spansOf(kind: SpanKind, count: number, work: () => unknown): Promise<EndedSpan[]> {
  const from = ended.length;
  const found = () => ended.slice(from).filter((span) => span.kind === kind);
  await work();
  if (found().length < count) {
    await new Promise<void>((resolve) => {
      const check = () => {
        if (found().length < count) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
    });
  }
  return found();
}

/** The CLIENT span of the one request that `work` makes. */
export async function clientSpan(work: () => unknown): Promise<EndedSpan> {
  const [span] = await spansOf(SpanKind.CLIENT, 1, work);
  if (span === undefined) throw new Error('no CLIENT span ended');
  return span;
}

export type { Span };
