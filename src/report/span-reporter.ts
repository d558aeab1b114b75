import { type DiagLogger, type Span, SpanStatusCode } from '@opentelemetry/api';
import type { Connection } from '../connection/connection';
import type { Exchange } from '../connection/exchange';
import type { OutgoingRequest, Reporter, Taken } from '../reporter';
import type { SocketInstrumentationConfig } from '../types';
import type { ReportedFailure } from '../verdict/failure';
import { connectionAttributes, failureAttributes } from './attributes';
import { mismatchWarning } from './mismatch';
import { clientSpanOf, noticedSpanOf, type ReadableSpan, serverSpanOf } from './span';

const ATTR_ERROR_TYPE = 'error.type';

/** Writes what the observers saw onto the spans that other instrumentations made: one `setAttributes` call an outcome. */
export class SpanReporter implements Reporter {
  readonly #config: () => SocketInstrumentationConfig;
  readonly #diag: DiagLogger;
  #faulty = false;

  constructor(config: () => SocketInstrumentationConfig, diag: DiagLogger) {
    this.#config = config;
    this.#diag = diag;
  }

  clientSpan(request: OutgoingRequest, taken: Taken): unknown {
    return clientSpanOf(request, taken);
  }

  noticedSpan(request: OutgoingRequest, taken: Taken, announce: () => void): unknown {
    return noticedSpanOf(request, taken, announce);
  }

  serverSpan(): unknown {
    return serverSpanOf();
  }

  succeeded(exchange: Exchange): void {
    const warning = mismatchWarning(exchange);
    if (warning !== undefined) this.#diag.warn(warning);
    const span = recording(exchange.span);
    if (span === undefined) return;
    span.setAttributes(connectionAttributes(exchange.known(true), this.#config().detail === 'full', span));
  }

  failed(exchange: Exchange, failure: ReportedFailure): void {
    const span = recording(exchange.span);
    if (span === undefined) return;
    const attributes = failureAttributes(failure, span);
    // Only a response that was cut is ours to correct: everybody else leaves that span green.
    if (failure.kind === 'truncated' && exchange.side === 'client') {
      if (span.attributes?.[ATTR_ERROR_TYPE] === undefined) attributes[ATTR_ERROR_TYPE] = failure.kind;
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.setAttributes(attributes);
    // An async hook hands back a promise, whatever its type says; its rejection must not reach the program either.
    const result: unknown = this.#config().failureHook?.(span, failure);
    if (result instanceof Promise) result.catch((error) => this.fault(error));
  }

  opened(_connection: Connection): boolean {
    return false;
  }

  closed(_connection: Connection, _wasIdle: boolean): void {}

  fault(error: unknown): void {
    if (this.#faulty) return;
    this.#faulty = true;
    this.#diag.error('an observer failed; the program is not affected, some spans lack their socket attributes', error);
  }
}

function recording(handle: unknown): ReadableSpan | undefined {
  const span = handle as Span | undefined;
  return span?.isRecording() ? span : undefined;
}
