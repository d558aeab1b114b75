import { Exchange } from '../../connection/exchange';
import type { Evidence } from '../../verdict/evidence/evidence';
import type { ReportedFailure } from '../../verdict/failure';

/** What a socket shows about the exchange that holds it. */
export type SocketState = Pick<
  Evidence,
  'stage' | 'progress' | 'unsent' | 'request' | 'interim' | 'missingResponseBytes' | 'sinceByteMs' | 'paused'
>;

/** An exchange as its observer keeps it, with the verdict once it has failed. */
export class ObservedExchange extends Exchange {
  declare failure: ReportedFailure | undefined;
  /** Recorded while its socket was being destroyed, because afterwards the socket no longer shows it. */
  declare atEnd: SocketState | undefined;
}

// Rare, like the last fields of Exchange.
Object.assign(ObservedExchange.prototype, {
  failure: undefined,
  atEnd: undefined,
} satisfies Partial<ObservedExchange>);
