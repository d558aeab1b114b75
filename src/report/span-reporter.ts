import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { Connection } from '../connection/connection';
import type { Exchange } from '../connection/exchange';
import type { KeptLog } from '../kept-log';
import type { OutgoingRequest, Reporter, Taken } from '../reporter';
import type { SocketInstrumentationConfig } from '../types';
import { mismatchTold } from '../verdict/advice/idle-settings';
import { unpooledWarning } from '../verdict/advice/unpooled';
import type { ReportedFailure } from '../verdict/failure';
import { connectionAttributes, failureAttributes } from './attributes';
import { carriesOtherSpan, isClientSpanActive, MissingSpans } from './missing-spans';
import { clientSpanOf, noticedSpanOf, type ReadableSpan, serverSpanOf } from './span';

const ATTR_ERROR_TYPE = 'error.type';

/** Writes what the observers saw onto the spans that other instrumentations made: one `setAttributes` call an outcome. */
export class SpanReporter implements Reporter {
  readonly #config: () => SocketInstrumentationConfig;
  readonly #log: KeptLog;
  readonly #missing: MissingSpans;
  #faulty = false;

  constructor(config: () => SocketInstrumentationConfig, log: KeptLog) {
    this.#config = config;
    this.#log = log;
    this.#missing = new MissingSpans((message) => log.warn(message));
  }

  clientSpan(request: OutgoingRequest, taken: Taken): unknown {
    this.#log.release();
    const span = clientSpanOf(request, taken);
    this.#missing.asked(span, isClientSpanActive);
    return span;
  }

  noticedSpan(request: OutgoingRequest, taken: Taken, announce: () => void): unknown {
    this.#log.release();
    const span = noticedSpanOf(request, taken, announce);
    this.#missing.asked(span, () => carriesOtherSpan(request));
    return span;
  }

  serverSpan(): unknown {
    this.#log.release();
    return serverSpanOf();
  }

  succeeded(exchange: Exchange): void {
    const warning = mismatchTold(exchange) ?? unpooledWarning(exchange);
    if (warning !== undefined) this.#log.warnOfOrigin(exchange.origin?.key ?? '', warning);
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

  warn(text: string): void {
    this.#log.warn(text);
  }

  fault(error: unknown): void {
    if (this.#faulty) return;
    this.#faulty = true;
    this.#log.error('an observer failed; the program is not affected, some spans lack their socket attributes', error);
  }
}

function recording(handle: unknown): ReadableSpan | undefined {
  const span = handle as Span | undefined;
  return span?.isRecording() ? span : undefined;
}
