import { explain, isRetrySafe } from './advice/advice';
import { causeOf } from './causes/cause';
import type { Evidence } from './evidence/evidence';
import { wireFactsOf } from './evidence/wire-facts';
import type { SocketFailure } from './failure';

/** Evidence → verdict on a client exchange. Pure: what follows the failure never changes the verdict on it. */
export function classify(e: Evidence): SocketFailure {
  const transport = wireFactsOf(e);
  const judgement = causeOf(e, transport);
  const since = e.exchange.acquiredMs ?? e.exchange.createdMs;
  const facts = e.exchange.facts(false);
  const retrySafe = isRetrySafe(e.exchange.method, transport, judgement);
  const elapsedMs = Math.max(0, Math.round(e.nowMs - since));
  const verdict = { ...transport, ...judgement, retrySafe, elapsedMs, connection: facts };
  const failure = { ...verdict, explanation: explain(e, verdict) };
  if (!e.exchange.multiplexed || transport.sent === 'received') return failure;
  // Several requests on one connection at once: how much of this one left cannot be known.
  const { sent: _, ...known } = failure;
  return known;
}
