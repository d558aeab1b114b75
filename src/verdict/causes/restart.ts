import type { InFlightClosing } from '../../peer/in-flight-closings';
import type { Evidence } from '../evidence/evidence';

/** A coincidence less likely than this is ruled out. */
export const BY_CHANCE = 0.001;
/** A coincidence less likely than this is unlikely enough for `possible`. */
const HARDLY_BY_CHANCE = 0.01;

/**
 * This closing as an in-flight closing of its origin; undefined if the request never had a connection, or had its
 * response.
 */
export function inFlightClosingOf(e: Evidence): InFlightClosing | undefined {
  const { nowMs, exchange } = e;
  const { acquiredMs, firstWriteMs, connection } = exchange;
  if (acquiredMs === undefined || e.responseComplete) return undefined;
  const isSilent = e.progress.received === 0 && e.interim !== true && !exchange.multiplexed;
  const silentMs = e.sinceByteMs ?? (isSilent ? nowMs - (firstWriteMs ?? acquiredMs) : undefined);
  // No limit on a request begins while it still connects.
  const connectionMs = connection?.ageMs(nowMs);
  const elapsedMs = Math.min(nowMs - acquiredMs, connectionMs ?? Number.POSITIVE_INFINITY);
  return { atMs: nowMs, elapsedMs, silentMs, connectionId: connection?.id, connectionMs };
}

/** The peer refused a connect just now, and after it had accepted the connection of this exchange. */
export function refusesConnects({ nowMs, exchange }: Evidence): boolean {
  const { origin, connection, acquiredMs } = exchange;
  const ageMs = connection?.ageMs(nowMs);
  const acceptedMs = ageMs === undefined ? acquiredMs : nowMs - ageMs;
  return origin?.isRefusing(nowMs, connection?.endpoints?.peerAddress, acceptedMs) === true;
}

/**
 * The evidence that the peer went away with this request in flight, none of which proves it. `strong`: connects are
 * refused, and no other connection is open; but a limit on connections refuses others while this one is open. `weak`:
 * others are open, or at least two connections were closed so close together that the peer's usual rate of closings
 * does not explain it. That was one event, but a firewall that lost its state, or a peer that drops one client, also
 * closes connections together. `none`: otherwise, and also if another connection has served an answer since.
 */
export function restartOf(e: Evidence): 'strong' | 'weak' | 'none' {
  const { nowMs, exchange, blindMs = 0 } = e;
  const { origin } = exchange;
  const closing = inFlightClosingOf(e);
  if (origin === undefined) return 'none';
  if (refusesConnects(e)) return e.othersOpen ? 'weak' : 'strong';
  const together = closing === undefined ? [] : origin.inFlightClosings.explainedTogether(closing);
  const livesOnMs = origin.lastReusedOkMs ?? Number.NEGATIVE_INFINITY;
  const others = origin.closingRate.recent(nowMs).filter(({ atMs, ageMs }) => {
    return atMs > livesOnMs && !together.some((one) => one.atMs === atMs && one.elapsedMs === ageMs);
  });
  let rarest = 1;
  for (const [i, { atMs }] of others.entries()) {
    const count = others.length - i;
    const apartMs = nowMs - atMs + blindMs;
    // Multiplied by the number of tests (Bonferroni), because one of several coincidences is likelier to look rare.
    const chance = others.length * origin.closingRate.chanceOf(count, apartMs, nowMs);
    rarest = Math.min(rarest, chance);
  }
  return rarest < HARDLY_BY_CHANCE ? 'weak' : 'none';
}
