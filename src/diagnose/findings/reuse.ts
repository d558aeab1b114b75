import { IDLE_BUCKETS } from '../../idle-bucket';
import type { Collection } from '../collect/collection';
import type { Host, Rate } from '../collect/host';

/** On the first request of a connection, or only on reused ones? */
export interface ReuseFinding {
  readonly host: string;
  readonly fresh: Readonly<Rate>;
  readonly reused: Readonly<Rate>;
  /** More failures that may have been on such connections. */
  readonly perhapsFresh: number;
  readonly perhapsReused: number;
  /** Reused connections by how long they had been idle; buckets without a request are left out. */
  readonly byIdle: readonly (Readonly<Rate> & { readonly bucket: string })[];
  /** Where the failures were. */
  readonly answer:
    | 'only reused'
    | 'only fresh'
    | 'fresh (none reused)'
    | 'reused (none fresh)'
    | 'both'
    | 'no connection'
    | 'not known';
}

export function reuseFindings({ hosts }: Collection): ReuseFinding[] {
  return [...hosts.values()]
    .filter(({ all }) => all.failures > 0)
    .sort((a, b) => b.all.failures - a.all.failures || a.name.localeCompare(b.name))
    .map((host) => ({
      host: host.name,
      fresh: host.fresh,
      reused: host.reused,
      perhapsFresh: host.perhapsFresh,
      perhapsReused: host.perhapsReused,
      byIdle: IDLE_BUCKETS.flatMap((bucket, i) => {
        const rate = host.byIdle[i];
        return rate === undefined || rate.requests === 0 ? [] : { bucket, ...rate };
      }),
      answer: answerOf(host),
    }));
}

function answerOf({ fresh, reused, perhapsFresh, perhapsReused }: Host): ReuseFinding['answer'] {
  if (fresh.failures > 0 && reused.failures > 0) return 'both';
  if (perhapsFresh > 0 || perhapsReused > 0) return 'not known';
  if (reused.failures > 0) return fresh.requests === 0 ? 'reused (none fresh)' : 'only reused';
  if (fresh.failures > 0) return reused.requests === 0 ? 'fresh (none reused)' : 'only fresh';
  return 'no connection';
}

/** Failures of 1,000 requests; undefined without requests. */
export function perThousand({ requests, failures }: Readonly<Rate>): number | undefined {
  return requests === 0 ? undefined : (failures * 1_000) / requests;
}
