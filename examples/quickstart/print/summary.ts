import path from 'node:path';
import { Collection } from '../../../src/diagnose/collect/collection';
import { diagnosisOf } from '../../../src/diagnose/findings/diagnosis';
import { printed } from '../../../src/diagnose/print/print';
import { readSource } from '../../../src/diagnose/source';
import { bold, isColoured, line, WIDTH } from './terminal';

/** Which hosts reset, on which requests, and whose timeout is shorter. The rest repeats what was printed before. */
const SECTIONS = 3;

/** What `diagnose` prints of the spans in this file, its first sections, and the command that prints all. */
export async function printSummary(file: string): Promise<void> {
  const collection = new Collection({ sinceMs: undefined, services: [] });
  const source = await readSource(file, collection, { sinceMs: undefined, nowMs: Date.now() }, () => undefined);
  process.stdout.write(printed(diagnosisOf(collection, [source]), WIDTH, isColoured, SECTIONS));
  line();
  const command = `npx opentelemetry-instrumentation-socket diagnose ${path.relative(process.cwd(), file)}`;
  line(`Incidents, what to change, and a page with --html: ${bold(command)}`);
}
