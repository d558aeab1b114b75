import { Exchange } from '../../connection/exchange';
import type { ReportedFailure } from '../../verdict/failure';

/** An exchange as its observer keeps it: with the verdict, once it has failed. */
export class ObservedExchange extends Exchange {
  failure: ReportedFailure | undefined;
}
