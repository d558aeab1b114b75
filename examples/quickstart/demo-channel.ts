import { readSync } from 'node:fs';
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { AppMessage, SeenSpan, Setup } from './messages';

/** The application's wires to the demo. Nothing here is needed outside of it. */

export const setup = JSON.parse(process.argv[2] ?? '{}') as Setup;

// The demo is gone: so is the application.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches all processes: the demo ends the others itself.
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

/** A span processor that hands every CLIENT span to the demo when it ends. */
export const spansToDemo = {
  onStart: () => undefined,
  onEnd(ended: unknown) {
    const span = ended as EndedSpan;
    if (span.kind === SpanKind.CLIENT) sendToDemo({ span: seen(span) });
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function seen({ status, attributes, events }: EndedSpan): SeenSpan {
  const exception = events.find(({ name }) => name === 'exception')?.attributes?.['exception.message'];
  return {
    call: new URL(String(attributes['url.full'])).pathname,
    method: String(attributes['http.request.method']),
    status: SpanStatusCode[status.code] as SeenSpan['status'],
    ...(exception === undefined ? {} : { exception: String(exception) }),
    attributes,
  };
}

const ACTIONS = 4;
const finished = new Set<string>();
let unread = '';

/**
 * Blocks this process, event loop and all, until the upstreams say that they have dealt with the connections that
 * carried these calls. That is what makes the race certain: what the peer did is in the kernel, and nobody here knows.
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
