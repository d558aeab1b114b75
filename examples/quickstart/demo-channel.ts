import { readSync } from 'node:fs';
import { type Attributes, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SocketFailure } from 'opentelemetry-instrumentation-socket';
import type { Advice } from '../../src/verdict/advice/advice';
import { attachedAdvice } from '../../src/verdict/advice/advise';
import type { AppMessage, SeenSpan, Setup } from './messages';

/** How the application talks to the demo. An application outside the demo needs nothing of this. */

export const setup = JSON.parse(process.argv[2] ?? '{}') as Setup;

// The application ends with the demo.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches all processes, but the demo itself ends the others.
process.on('SIGINT', () => undefined);

export function sendToDemo(message: AppMessage): void {
  process.send?.(message);
}

interface EndedSpan {
  readonly kind: SpanKind;
  readonly status: { readonly code: SpanStatusCode };
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes?: Attributes }[];
}

const advices = new WeakMap<object, Advice>();

/** A failure hook that keeps the three values of the explanation for the demo, which prints them one by one. */
export function keepAdvice(span: Span, failure: SocketFailure): void {
  const advice = attachedAdvice(failure);
  if (advice !== undefined) advices.set(span, advice);
}

/** A span processor that passes every span of a request to the demo when it ends. */
export const spansToDemo = {
  onStart: () => undefined,
  onEnd(ended: unknown) {
    const span = ended as EndedSpan;
    if (span.kind === SpanKind.CLIENT || span.kind === SpanKind.SERVER)
      sendToDemo({ span: seen(span, advices.get(span)) });
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function seen({ status, attributes, events }: EndedSpan, advice: Advice | undefined): SeenSpan {
  const exception = events.find(({ name }) => name === 'exception')?.attributes?.['exception.message'];
  // A server's span has a path only.
  const path = String(attributes['url.path'] ?? new URL(String(attributes['url.full'])).pathname);
  return {
    call: path.replace(`/${setup.mode}`, ''),
    method: String(attributes['http.request.method']),
    status: SpanStatusCode[status.code] as SeenSpan['status'],
    ...(exception === undefined ? {} : { exception: String(exception) }),
    ...(advice === undefined ? {} : { advice }),
    attributes,
  };
}

const ACTIONS = 4;
const finished = new Set<string>();
let unread = '';

/**
 * Blocks this process, event loop and all, until the upstreams say that they have finished with the connections that
 * carried these calls. That is what makes the race certain: the kernel knows what the peer did, and this process does
 * not.
 */
export function blockUntil(calls: readonly string[]): void {
  sendToDemo({ blockedUntil: calls });
  const chunk = Buffer.alloc(4_096);
  while (!calls.every((call) => finished.has(call))) {
    const length = readSync(ACTIONS, chunk);
    if (length === 0) throw new Error('the demo is gone');
    const lines = (unread + chunk.toString('latin1', 0, length)).split('\n');
    unread = lines.pop() ?? '';
    for (const call of lines) finished.add(call);
  }
}
