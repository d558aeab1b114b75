import { Exchange } from '../../connection/exchange';
import type { Evidence } from '../../verdict/evidence/evidence';
import type { ReportedFailure } from '../../verdict/failure';

/** What a socket shows about the exchange that holds it. */
export type SocketState = Pick<
  Evidence,
  | 'stage'
  | 'progress'
  | 'unsent'
  | 'request'
  | 'interim'
  | 'missingResponseBytes'
  | 'responseComplete'
  | 'sinceByteMs'
  | 'paused'
>;

/** An exchange as its observer keeps it, with the verdict once it has failed. */
export class ObservedExchange extends Exchange {
  /**
   * The exchange of this class that ended last. As long as there is one, V8 keeps the shape of all of them: a full
   * collection at a moment without requests would discard it, and with it all code that was optimised for it.
   */
  static ended: ObservedExchange | undefined;

  declare failure: ReportedFailure | undefined;
  /** The verdict for whoever catches an error that may also stand for other requests. */
  declare failureIfShared: ReportedFailure | undefined;
  /** Recorded while its socket was being destroyed, because afterwards the socket no longer shows it. */
  declare atEnd: SocketState | undefined;

  /** The exchange is over: drops its references. */
  end(): void {
    const own = this as Record<'span' | 'reporter' | 'origin' | 'connection', unknown>;
    own.span = undefined;
    own.reporter = undefined;
    own.origin = undefined;
    own.connection = undefined;
    (this.constructor as typeof ObservedExchange).ended = this;
  }
}

// Rarely set: the defaults live on the prototype, as those of RareState do.
Object.assign(ObservedExchange.prototype, {
  failure: undefined,
  failureIfShared: undefined,
  atEnd: undefined,
} satisfies Partial<ObservedExchange>);
