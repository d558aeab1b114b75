import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Run } from '../../../examples/quickstart/play';
import { unmetExpectations } from '../../../examples/quickstart/truth';
import { temporary } from '../../diagnose/run';

/** What the demo sent to the Collector. */
export interface Played {
  /** Microseconds, as Jaeger's API takes them. */
  readonly startUs: number;
  /** The URL path of every request that has a span. Each request has its own path and its own trace. */
  readonly calls: readonly string[];
  /** The same spans as OTLP in JSON lines. */
  readonly spansFile: string;
}

/** Plays failures of the quickstart's demo with the Collector's address. */
export async function playDemo(collector: string): Promise<Played> {
  const startUs = Date.now() * 1_000;
  const spansFile = temporary('spans.jsonl');
  const run = (await result(start('play.js', collector, spansFile))) as Run;
  const problems = [...run.problems, ...unmetExpectations(run)];
  if (problems.length > 0) throw new Error(`the demo has unexpected results: ${problems.join('; ')}`);
  return { startUs, calls: run.spans.map(({ call }) => call), spansFile };
}

function start(file: string, collector: string, spansFile: string): ChildProcess {
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_METRICS_EXPORTER: 'none' };
  return fork(path.join(__dirname, file), [spansFile], { env: { ...env, OTEL_LOGS_EXPORTER: 'none' } });
}

async function result(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${child.spawnargs[1]} ended with code ${code} and without a result`);
  });
  const [message] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
  return message;
}
