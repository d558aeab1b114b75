import { idleOf, isIdleUnexplained } from './causes/features';
import { mayBeLimit } from './causes/in-flight';
import { inFlightClosingOf } from './causes/restart';
import type { Evidence } from './evidence/evidence';
import { isSeenByPeer } from './evidence/sent';
import { isAfterRoundTrip } from './evidence/timing';
import type { ReportedFailure } from './failure';

/**
 * Records what later verdicts on this origin may use. Called after the verdict on this failure, which never changes.
 */
export function learnFrom(e: Evidence, failure: ReportedFailure): void {
  const { nowMs, exchange } = e;
  const { origin } = exchange;
  if (origin === undefined || failure.initiator !== 'remote') return;
  if (failure.kind === 'refused' && !isElsewhere(e)) origin.refused(nowMs, addressOf(e)?.address);
  const closing = inFlightClosingOf(e);
  if (closing === undefined || failure.kind === 'tls' || failure.kind === 'protocol') return;
  if (isSeenByPeer(e) || (failure.sent !== 'none' && isAfterRoundTrip(e))) {
    if (failure.cause === 'request_incomplete' || failure.cause === 'stale_keepalive') return;
    origin.closedInFlight(closing, mayBeLimit(e) && failure.cause !== 'peer_restart');
    return;
  }
  if (exchange.reused === true && origin.lastReusedOkMs === undefined) origin.unansweredReuses += 1;
  if (failure.sent === 'none' || !isIdleUnexplained(idleOf(e))) return;
  origin.droppedMs = nowMs;
  if (exchange.reused === false) origin.droppedFreshMs = nowMs;
}

/** The refusal came from a port other than the origin's: a proxy's, which does not show whether the origin is gone. */
function isElsewhere(e: Evidence): boolean {
  const port = addressOf(e)?.port;
  return port !== undefined && port !== (e.exchange.origin?.port ?? port);
}

function addressOf({ failedAddress, error }: Evidence): Evidence['failedAddress'] {
  return failedAddress ?? error.failedAddress;
}
