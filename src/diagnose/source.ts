import { readAddress } from './address/address';
import type { Period } from './address/period';
import type { Collection } from './collect/collection';
import type { SourceFinding } from './findings/diagnosis';
import { type Progress, readFile } from './read/read-bytes';
import { printable } from './read/text';

const ADDRESS = /^(?:(?:jaeger|tempo|prometheus):)?https?:\/\//;

/** Reads one source into the collection; throws `UnreadableError` if it cannot. */
export async function readSource(
  name: string,
  collection: Collection,
  period: Period,
  progress: Progress,
): Promise<SourceFinding> {
  if (ADDRESS.test(name)) return readAddress(name, collection, period, progress);
  const { broken, firstBroken, stopped } = await readFile(name, collection, progress);
  return {
    name: name === '-' ? 'standard input' : printable(name),
    kind: 'file',
    brokenLines: broken,
    firstBroken,
    stopped: stopped === undefined ? undefined : printable(stopped),
    notes: [],
  };
}
