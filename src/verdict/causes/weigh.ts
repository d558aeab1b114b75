import { type Features, isIdleUnexplained, mayBeMiddlebox } from './features';
import type { Judgement } from './judgement';
import { LIKELY_ABOVE, RIVALS, type Rival, UNKNOWN_BELOW, WEIGHTS } from './weights';

/** `likely` requires this evidence, whatever the weights. */
const LIKELY_REQUIRES: Partial<Record<Rival, (f: Features) => boolean>> = {
  stale_keepalive: (f) => (f.when === 'unsent' && !mayBeMiddlebox(f)) || (f.idle === 'beyond' && f.atTimeout === 'yes'),
};

/** A cause is considered only if its condition holds. */
const CONSIDERED_IF: Partial<Record<Rival, (f: Features) => boolean>> = {
  stale_keepalive: (f) =>
    f.when !== 'late' && (f.when !== 'round' || !isIdleUnexplained(f.idle) || f.siblings !== 'none'),
  idle_expired: ({ idle, kind, when }) => idle === 'long' && kind === 'reset' && when !== 'late',
  recycled: ({ retired, when }) => retired === 'yes' && when !== 'late',
  peer_restart: (f) => f.restart !== 'none' && f.when === 'round' && isIdleUnexplained(f.idle),
  rejected: (f) => f.answers === 'yes' && f.when !== 'unsent' && f.when !== 'early' && f.restart !== 'strong',
};

/** The most likely of the rival causes for the end of a reused connection with no byte back. */
export function weigh(features: Features): Judgement {
  const rivals = rivalsOf(features);
  const scores = rivals.map((cause) => score(cause, features));
  const best = Math.max(...scores);
  const cause = rivals[scores.indexOf(best)];
  const share = 1 / scores.reduce((sum, one) => sum + Math.exp((one - best) / 10), 0);
  if (cause === undefined || share < UNKNOWN_BELOW) return { cause: 'unknown', confidence: 'possible' };
  const isLikely = share >= LIKELY_ABOVE && LIKELY_REQUIRES[cause]?.(features) === true;
  return { cause, confidence: isLikely ? 'likely' : 'possible' };
}

/** The causes to consider. */
export function rivalsOf(features: Features): Rival[] {
  return RIVALS.filter((cause) => CONSIDERED_IF[cause]?.(features) ?? true);
}

function score(cause: Rival, features: Features): number {
  let sum = 0;
  for (const name in features) {
    const value = features[name as keyof Features];
    const weights = WEIGHTS[cause][name];
    sum += typeof value === 'number' ? value * (weights?.per ?? 0) : (weights?.[value] ?? 0);
  }
  return sum;
}
