import path from 'node:path';
import { Collection } from '../../../src/diagnose/collect/collection';
import { diagnosisOf } from '../../../src/diagnose/findings/diagnosis';
import { printed } from '../../../src/diagnose/print/print';
import { readSource } from '../../../src/diagnose/source';
import { bold, isColoured, line, WIDTH } from './terminal';

/** The first sections of what `diagnose` prints of the spans in this file, and the command that prints all. */
export async function printSummary(file: string, sections: number): Promise<void> {
  const collection = new Collection({ sinceMs: undefined, services: [] });
  const source = await readSource(file, collection, { sinceMs: undefined, nowMs: Date.now() }, () => undefined);
  process.stdout.write(printed(diagnosisOf(collection, [source]), WIDTH, isColoured, sections));
  line();
  const command = `npx opentelemetry-instrumentation-socket diagnose ${path.relative(process.cwd(), file)}`;
  line(`Hosts, idle timeouts, incidents, what to change: ${bold(command)}`);
}
