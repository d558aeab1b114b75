import { type Attributes, context, type Span, SpanStatusCode } from '@opentelemetry/api';
import type { Connection } from '../connection/connection';
import type { Endpoints } from '../connection/endpoints';
import type { Exchange } from '../connection/exchange';
import type { ConnectionFacts } from '../connection/facts';
import type { Loose } from '../connection/known-values';
import type { KeptLog } from '../kept-log';
import { isMismatch } from '../peer/advised-timeout';
import type { PeerTimeout } from '../peer/peer-timeout';
import type { OutgoingRequest, Reporter, Taken } from '../reporter';
import type { SocketInstrumentationConfig } from '../types';
import type { ReportedFailure } from '../verdict/failure';
import { connectionAttributes, failureAttributes, setPlainReuse } from './attributes';
import { runHook } from './guarded-hook';
import { mismatchWarning, unpooledWarning } from './idle-timeout-warnings';
import { isClientSpanActive, MissingSpans } from './missing-spans';
import { beginWatch } from './noticed-spans';
import { clientSpanOf, hasNoticedClientSpan, noticedSpanOf, type ReadableSpan, serverSpanOf } from './span';

const ATTR_ERROR_TYPE = 'error.type';

/** Writes what the observers saw onto the spans of other instrumentations, once per outcome. */
export class SpanReporter implements Reporter {
  readonly #config: () => SocketInstrumentationConfig;
  readonly #log: KeptLog;
  readonly #missing: MissingSpans;
  readonly #said = new Set<string>();

  constructor(config: () => SocketInstrumentationConfig, log: KeptLog) {
    this.#config = config;
    this.#log = log;
    this.#missing = new MissingSpans((message) => log.warn(message));
  }

  clientSpan(request: OutgoingRequest, taken: Taken): unknown {
    if (this.#log.isKeeping) this.#log.release();
    const span = clientSpanOf(request, taken);
    this.#missing.noteLookup(span, isClientSpanActive);
    return span;
  }

  watchSpans(of: number): void {
    beginWatch(of);
  }

  noticedSpan(request: OutgoingRequest | undefined, taken: Taken): unknown {
    if (this.#log.isKeeping) this.#log.release();
    const span = noticedSpanOf(request, taken);
    if (request !== undefined) this.#missing.noteLookup(span, hasNoticedClientSpan);
    return span;
  }

  portOf(span: unknown): number | undefined {
    const port = (span as ReadableSpan | undefined)?.attributes?.['server.port'];
    return typeof port === 'number' ? port : undefined;
  }

  serverSpan(peer?: Endpoints): unknown {
    if (this.#log.isKeeping) this.#log.release();
    return serverSpanOf(peer);
  }

  bindEmitter(emitter: object): void {
    context.bind(context.active(), emitter);
  }

  succeeded(exchange: Exchange, peer = exchange.side === 'client' ? exchange.peerTimeout : undefined): void {
    try {
      // Only a peer's idle timeout that is worth a mention needs more than the plain attributes of a reuse.
      const isNews = peer !== undefined && this.#isNews(exchange, peer);
      if (exchange.isTooShortToPool) this.#warn(exchange, unpooledWarning(exchange));
      const span = exchange.span as ReadableSpan | undefined;
      if (span === undefined || !span.isRecording()) return;
      const isFull = this.#config().detail === 'full';
      if (!isNews && !isFull && setPlainReuse(span, exchange)) return;
      span.setAttributes(attributesOf(exchange, isFull, span));
    } catch (error) {
      this.fault(error);
    }
  }

  /** The reuse was a near miss, or the first of its connection to show that the client's idle timeout is too long. */
  #isNews(exchange: Exchange, peer: PeerTimeout): boolean {
    const { connection, clientTimeoutMs } = exchange;
    const isTooLong = clientTimeoutMs !== undefined && isMismatch(clientTimeoutMs, peer.ms);
    if (isTooLong) this.#warn(exchange, mismatchWarning(exchange, peer));
    return (isTooLong && connection?.isMismatchShown === false) || exchange.isNearMiss(peer);
  }

  #warn({ origin }: Exchange, warning: string | undefined): void {
    if (warning !== undefined && origin !== undefined) this.#log.warnOfOrigin(origin.key, warning);
  }

  failed(exchange: Exchange, failure: ReportedFailure): void {
    try {
      const span = recording(exchange.span);
      if (span === undefined) return;
      this.#annotate(span, exchange, failure);
      runHook(this.#config().failureHook, span, failure, this.#hookFault);
    } catch (error) {
      this.fault(error);
    }
  }

  /** A span that rejects its attributes does not prevent the hook from being called. */
  #annotate(span: ReadableSpan, exchange: Exchange, failure: ReportedFailure): void {
    try {
      const attributes = failureAttributes(failure, span);
      // Only for a truncated response do we set the span's status: all other instrumentations leave that span without
      // an error.
      if (failure.kind === 'truncated' && exchange.side === 'client') {
        if (span.attributes?.[ATTR_ERROR_TYPE] === undefined) attributes[ATTR_ERROR_TYPE] = failure.kind;
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.setAttributes(attributes);
    } catch (error) {
      this.fault(error);
    }
  }

  opened(_connection: Connection): boolean {
    return true;
  }

  closed(_connection: Connection, _wasIdle: boolean): void {}

  warn(text: string): void {
    this.#log.warn(text);
  }

  fault(error: unknown): void {
    this.#say('an observer failed; the program is not affected, but some spans lack their socket attributes', error);
  }

  readonly #hookFault = (error: unknown): void => {
    this.#say('failureHook threw or rejected; the program and its telemetry are not affected', error);
  };

  /** Reports each kind of fault once per instance. */
  #say(what: string, error: unknown): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#log.error(what, error);
  }
}

function attributesOf(exchange: Exchange, isFull: boolean, span: ReadableSpan): Attributes {
  const facts = exchange.looseFacts(true);
  return connectionAttributes(facts, isFull, span, isMismatchNews(exchange, facts));
}

/** This is the first span of the connection that shows the mismatch; it need not be repeated on every span. */
function isMismatchNews({ connection }: Exchange, { timeoutMismatch }: Loose<ConnectionFacts>): boolean {
  if (timeoutMismatch !== true || connection === undefined || connection.isMismatchShown) return false;
  connection.isMismatchShown = true;
  return true;
}

function recording(handle: unknown): ReadableSpan | undefined {
  const span = handle as Span | undefined;
  return span?.isRecording() ? span : undefined;
}
