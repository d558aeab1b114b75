import { Collection } from '../../src/diagnose/collect/collection';
import { type Diagnosis, diagnosisOf } from '../../src/diagnose/findings/diagnosis';
import { readDocument } from '../../src/diagnose/read/document';
import { line, type Request } from './spans';

/** What is found in these requests, whatever their order. */
export function diagnosed(requests: readonly Request[]): Diagnosis {
  const collection = new Collection({ sinceMs: undefined, services: [] });
  readDocument(JSON.parse(line(...requests)), collection);
  return diagnosisOf(collection, []);
}
