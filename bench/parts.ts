import { log } from '../src/kept-log';
import { type Undo, undoAll } from '../src/observe/process/patch';
import { registerObserver } from '../src/observe/process/process-state';
import { observeSockets } from '../src/observe/process/socket/hooks';
import { TRANSPORTS } from '../src/observe/transports';
import { SpanReporter } from '../src/report/span-reporter';
import type { Reporter } from '../src/reporter';
import type { SocketInstrumentationConfig } from '../src/types';

/** What npm gets: built with a build of its own, or the very files that the tests use. */
type Package = typeof import('../src/index');

/** Observes, and reports nothing. */
const silent: Reporter = {
  clientSpan: () => undefined,
  watchSpans: () => undefined,
  noticedSpan: () => undefined,
  serverSpan: () => undefined,
  succeeded: () => undefined,
  failed: () => undefined,
  opened: () => false,
  closed: () => undefined,
  portOf: () => undefined,
  warn: () => undefined,
  fault: (error) => {
    throw error;
  },
};

/** Finds the span and writes nothing onto it. */
class FindingReporter extends SpanReporter {
  override succeeded(): void {}
}

function observe(reporter: Reporter): Undo {
  const undos = TRANSPORTS.map(({ name, start }) => registerObserver(name, reporter, start));
  return undoAll([registerObserver('net', reporter, observeSockets), ...undos]);
}

function instrument(config: SocketInstrumentationConfig): Undo {
  const { SocketInstrumentation } = require('opentelemetry-instrumentation-socket') as Package;
  const instrumentation = new SocketInstrumentation(config);
  return () => instrumentation.disable();
}

/**
 * The parts of the package, each with all that stand before it, so that what a part costs is the difference between two
 * rows: the hooks of the sockets, the observers, finding the span, its attributes, the metrics.
 */
export const PARTS: Readonly<Record<string, () => Undo>> = {
  sockets: () => registerObserver('net', silent, observeSockets),
  observers: () => observe(silent),
  span: () => observe(new FindingReporter(() => ({}), log)),
  attributes: () => instrument({ metrics: false }),
  ours: () => instrument({}),
  full: () => instrument({ detail: 'full' }),
};

export function startPart(name: string): Undo {
  const start = PARTS[name];
  if (start === undefined)
    throw new Error(`no configuration "${name}": ${['bare', 'peers', ...Object.keys(PARTS)].join(', ')}`);
  return start();
}
