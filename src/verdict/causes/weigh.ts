import { type Features, isShort } from './features';
import type { Judgement } from './judgement';
import { LIKELY_ABOVE, RIVALS, type Rival, WEIGHTS } from './weights';

/** `likely` needs this of the evidence, however the weights stand (the definitions of the causes say so). */
const PROOFS: Partial<Record<Rival, (f: Features) => boolean>> = {
  // Nothing that the peer makes of a request is early; a middlebox on the way may be nearer.
  stale_keepalive: (f) =>
    f.when === 'unsent' ||
    (f.when === 'early' && !(f.idle === 'long' && f.kind === 'reset')) ||
    f.idle === 'beyond' ||
    (f.when === 'kernel' && f.beside === 'none' && isGone(f)),
  response_timeout: ({ alike }) => alike === 'many',
  peer_restart: ({ when, beside, refused, siblings }) =>
    when === 'late' && (beside === 'many' || refused === 'yes' || siblings === 'restart'),
};

/** Without this a cause is not considered. */
const NEEDS: Partial<Record<Rival, (f: Features) => boolean>> = {
  stale_keepalive: (f) => f.when !== 'late' && (f.when !== 'round' || !isShort(f.idle) || isGone(f)),
  idle_expired: ({ idle, kind, when }) => idle === 'long' && kind === 'reset' && when !== 'unsent' && when !== 'late',
  recycled: ({ retired, when }) => retired === 'yes' && when !== 'late',
  peer_restart: (f) => {
    const isSeen = f.beside !== 'none' || f.refused === 'yes' || f.siblings === 'restart';
    return f.when === 'late' ? isSeen || f.upload === 'no' : isSeen && f.when === 'round' && isShort(f.idle);
  },
  response_timeout: ({ when, alike, upload }) => when === 'late' && alike !== 'none' && upload === 'no',
  rejected: (f) =>
    f.answers === 'yes' && f.when !== 'unsent' && f.when !== 'early' && f.beside !== 'many' && !isGone(f),
};

/** The peer lets other connections go in this moment, or it is away: it did not choose this request. */
function isGone({ refused, siblings }: Features): boolean {
  return refused === 'yes' || siblings !== 'none';
}

/** The rival causes of a reused connection's end with no byte back: weights are natural logarithms, in tenths. */
export function weigh(features: Features): Judgement {
  const rivals = rivalsOf(features);
  const scores = rivals.map((cause) => score(cause, features));
  const best = Math.max(...scores);
  const cause = rivals[scores.indexOf(best)];
  if (cause === undefined) return { cause: 'unknown', confidence: 'possible' };
  const share = 1 / scores.reduce((sum, one) => sum + Math.exp((one - best) / 10), 0);
  const isLikely = share >= LIKELY_ABOVE && PROOFS[cause]?.(features) === true;
  return { cause, confidence: isLikely ? 'likely' : 'possible' };
}

/** The causes that are considered. */
export function rivalsOf(features: Features): Rival[] {
  return RIVALS.filter((cause) => NEEDS[cause]?.(features) ?? true);
}

function score(cause: Rival, features: Features): number {
  let sum = 0;
  for (const name in features) sum += WEIGHTS[cause][name]?.[features[name as keyof Features]] ?? 0;
  return sum;
}
