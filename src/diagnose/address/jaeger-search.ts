import type { Collection } from '../collect/collection';
import { isNamed } from '../read/http-span';

/** What both APIs of Jaeger have in common. */

/** Traces in one answer. */
export const MOST_TRACES = 1_000;

/** All services that an answer lists, without their namespaces, or those of them that were asked for. */
export function wantedServices(known: readonly unknown[], collection: Collection): string[] {
  const names = known.filter((name): name is string => typeof name === 'string');
  const { services } = collection.wanted;
  const mayBeWanted = (name: string) => services.some((wanted) => isNamed(wanted, name)) || collection.isWanted(name);
  return names.filter(mayBeWanted).sort();
}

export function jaegerNotes(cut: ReadonlySet<string>): readonly string[] {
  if (cut.size === 0) return [];
  return [
    `Jaeger answers with at most ${MOST_TRACES} traces, and ${[...cut].join(', ')} had more within a second: some are missing`,
  ];
}
