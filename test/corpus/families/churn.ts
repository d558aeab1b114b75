import type { PeerOptions } from '../peers/peer';
import type { Stage } from '../stage';
import { aborted, burst, crashed, dropped, droppedBeforeTimeout, limited, uploads } from './churn-flight';
import { announced, closed, retired, timedOut } from './churn-idle';
import { mixed } from './churn-mixed';
import type { Family } from './family';
import { amongOthers, type Ground } from './ground';

/** Idle closings of the origin a second, on connections that the scene has nothing to do with. */
export const RATES = [0, 0.1, 1, 5] as const;

interface Kind {
  readonly name: string;
  readonly seeds: number;
  readonly act: (ground: Ground) => Promise<void>;
  readonly options?: (stage: Stage) => PeerOptions;
  readonly hits?: 'all';
}

const timeout = (stage: Stage) => ({ idleMs: stage.between(400, 900) });

const KINDS: readonly Kind[] = [
  { name: 'idle connections are closed', seeds: 12, act: closed },
  { name: 'an idle timeout, learned', seeds: 20, act: timedOut, options: timeout },
  { name: 'an idle timeout, announced', seeds: 20, act: announced, options: () => ({ idleMs: 2_000, announce: true }) },
  { name: 'connections are retired after four requests', seeds: 6, act: retired, options: () => ({ maxRequests: 4 }) },
  { name: 'requests are dropped', seeds: 12, act: dropped },
  { name: 'requests are dropped, the idle timeout learned', seeds: 12, act: droppedBeforeTimeout, options: timeout },
  { name: 'requests are dropped in a burst of closings', seeds: 12, act: burst },
  { name: 'handlers abort', seeds: 12, act: aborted },
  { name: 'a time limit, and handlers that abort', seeds: 6, act: limited },
  { name: 'the peer crashes', seeds: 12, act: crashed },
  { name: 'uploads are dropped', seeds: 6, act: uploads },
  { name: 'everything at random', seeds: 12, act: mixed, hits: 'all' },
];

export const churnFamilies: readonly Family[] = RATES.flatMap((perSecond) =>
  KINDS.map(({ name, seeds, act, options, hits }) => ({
    name: `${name}, ${perSecond} idle closings a second`,
    seeds,
    churn: perSecond,
    play: amongOthers(perSecond, act, options, hits),
  })),
);
