import type { Connection } from './connection/connection';
import type { Exchange } from './connection/exchange';
import type { ReportedFailure } from './verdict/failure';

/** What the report reads of a request while it is being constructed. */
export interface OutgoingRequest {
  readonly method: string;
  readonly host?: string;
  getHeader(name: string): unknown;
}

/** CLIENT spans that belong to a request already. */
export type Taken = Pick<WeakSet<object>, 'has'>;

/**
 * The receiver of what observers see. Versioned contract: the observers of one installed copy of this package may call
 * the reporter of another. A span handle is opaque to the observers. No method throws: what the program's hooks, spans and
 * meters throw, and what we throw ourselves, ends as a fault.
 */
export interface Reporter {
  /** The CLIENT span made for this request, read from the active context; undefined if there is none. */
  clientSpan(request: OutgoingRequest, taken: Taken): unknown;
  /** Others are about to make the CLIENT span of a request without making it active. The pair with the next nests. */
  watchSpans(): void;
  /** The span that was made for this request since `watchSpans`; undefined if there is none, or no request. */
  noticedSpan(request: OutgoingRequest | undefined, taken: Taken): unknown;
  /** The `server.port` of a span that was found, where that can be read. */
  portOf(span: unknown): number | undefined;
  /** The SERVER span of the active context; undefined if there is none. */
  serverSpan(): unknown;
  /** Response headers arrived (client), or the response was written (server). */
  succeeded(exchange: Exchange): void;
  /** The exchange failed. Called once an exchange, before its span ends. */
  failed(exchange: Exchange, failure: ReportedFailure): void;
  /**
   * A connection to an origin is established, and a request that is not silent uses it, or used its origin if none has it.
   * Returns whether its end is to be told, too; until that is so it is told again with each request.
   */
  opened(connection: Connection): boolean;
  /** Such a connection ended; `connection.closing` says how, `wasIdle` that no request held it. */
  closed(connection: Connection, wasIdle: boolean): void;
  /** A person should know this: a line for the log. Called once for each. */
  warn(text: string): void;
  /** Something of ours threw. */
  fault(error: unknown): void;
}
