import type { Connection } from './connection/connection';
import type { Endpoints } from './connection/endpoints';
import type { Exchange } from './connection/exchange';
import type { ReportedFailure } from './verdict/failure';

/** What the report reads from a request while it is being constructed. */
export interface OutgoingRequest {
  readonly method: string;
  readonly host?: string;
  getHeader(name: string): unknown;
}

/** CLIENT spans that belong to a request, but in whose context other requests may start. */
export type Taken = Pick<WeakSet<object>, 'has'>;

/**
 * The receiver of what observers see. Versioned contract: the observers of one installed copy of this package may call
 * the reporter of another. A span handle is opaque to the observers. No method throws: what the program's hooks, spans
 * and meters throw, or our own code, is reported as a fault.
 */
export interface Reporter {
  /** The CLIENT span of this request, read from the active context; undefined if there is none. */
  clientSpan(request: OutgoingRequest, taken: Taken): unknown;
  /**
   * Another library is about to create a request's CLIENT span without making it active. Pairs with `noticedSpan`;
   * nests. `of`: a number that all reporters get for this request, and that no other request has at the same time.
   */
  watchSpans(of: number): void;
  /** The span for this request since `watchSpans`; undefined if there is none, or no request. */
  noticedSpan(request: OutgoingRequest | undefined, taken: Taken): unknown;
  /** The `server.port` of a span that was found; undefined where it cannot be read. */
  portOf(span: unknown): number | undefined;
  /**
   * The SERVER span of the active context; undefined if there is none. With `peer`: only if it names that address and
   * port as those of its client, or `UNSAMPLED` if it records nothing.
   */
  serverSpan(peer?: Endpoints): unknown;
  /** Binds an emitter to the active context. Copies of earlier versions lack it. */
  bindEmitter?(emitter: object): void;
  /** Response headers arrived (client), or the response was written (server). */
  succeeded(exchange: Exchange): void;
  /** The exchange failed. Called at most once per exchange, before its span ends. */
  failed(exchange: Exchange, failure: ReportedFailure): void;
  /**
   * A connection is established, and a reported request uses it or, if none holds it, has been sent to its origin.
   * Returns true to be notified when it closes; otherwise called again with the next request.
   */
  opened(connection: Connection): boolean;
  /** Such a connection was closed; `connection.closing` says how, `wasIdle` whether no request held it. */
  closed(connection: Connection, wasIdle: boolean): void;
  /** Logs a warning. Called once per warning. */
  warn(text: string): void;
  /** Our own code threw, or a hook, span or meter of the program did. */
  fault(error: unknown): void;
}
