import fs from 'node:fs';
import { Collection } from './collect/collection';
import { diagnosisOf, type SourceFinding } from './findings/diagnosis';
import { HELP } from './help';
import { type Options, optionsOf, UsageError } from './options';
import { page } from './page/page';
import { checkPageFile } from './page-file';
import { printed } from './print/print';
import { ProgressLine } from './progress';
import { UnreadableError } from './read/read-bytes';
import { printable } from './read/text';
import { readSource } from './source';

/** The streams of the process that runs the command. */
export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

/** 0: no avoidable failure; 1: avoidable failures; 2: something could not be read, or there was no request to judge. */
export type ExitCode = 0 | 1 | 2;

const [NARROWEST, WIDEST, DEFAULT] = [60, 160, 100] as const;

/** Runs the command; never rejects. */
export async function run(args: readonly string[], streams: Streams): Promise<ExitCode> {
  try {
    const options = optionsOf(args);
    if (!options.help) return await diagnose(options, streams);
    streams.stdout.write(HELP);
    return 0;
  } catch (error) {
    const more = error instanceof UsageError ? '\nTry --help.' : '';
    streams.stderr.write(`diagnose: ${printable((error as Error).message)}${more}\n`);
    return 2;
  }
}

async function diagnose(options: Options, streams: Streams): Promise<ExitCode> {
  const { sinceMs, services, html } = options;
  if (html !== undefined) checkPageFile(html);
  const nowMs = Date.now();
  const collection = new Collection({ sinceMs: sinceMs === undefined ? undefined : nowMs - sinceMs, services });
  const sources = await readAll(options, collection, streams, nowMs);
  if (sources.length > 0) report(options, diagnosisOf(collection, sources), streams);
  const areWhole = sources.length === options.sources.length && sources.every(({ stopped }) => stopped === undefined);
  if (!areWhole || collection.requests === 0) return 2;
  return collection.avoidable > 0 ? 1 : 0;
}

/** Reads all sources, and says which could not be read. */
async function readAll(
  { sources, sinceMs }: Options,
  collection: Collection,
  { stderr }: Streams,
  nowMs: number,
): Promise<SourceFinding[]> {
  const progress = new ProgressLine(stderr, collection);
  const found: SourceFinding[] = [];
  const complain = (message: string) => {
    progress.clear();
    stderr.write(`diagnose: ${printable(message)}\n`);
  };
  for (const name of sources) {
    try {
      const source = await readSource(name, collection, { sinceMs, nowMs }, progress.of(printable(name)));
      found.push(source);
      if (source.stopped !== undefined) complain(source.stopped);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      complain(error.message);
    }
  }
  progress.clear();
  return found;
}

function report(options: Options, diagnosis: ReturnType<typeof diagnosisOf>, { stdout, env }: Streams): void {
  if (options.html !== undefined) fs.writeFileSync(options.html, page(diagnosis));
  if (options.json) {
    stdout.write(`${JSON.stringify(diagnosis, null, 2)}\n`);
    return;
  }
  const width = Math.min(WIDEST, Math.max(NARROWEST, stdout.columns ?? (Number(env.COLUMNS) || DEFAULT)));
  const colours = options.colours && stdout.isTTY === true && !env.NO_COLOR;
  stdout.write(printed(diagnosis, width, colours));
}
