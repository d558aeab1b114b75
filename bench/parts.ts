import type { Undo } from '../src/observe/process/patch';
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
  opened: () => true,
  closed: () => undefined,
  portOf: () => undefined,
  warn: () => undefined,
  fault: (error) => {
    throw error;
  },
};

/** The package's own files. Only these parts load them: in a service there is no second copy of the package's code. */
function files() {
  return {
    ...(require('../src/kept-log') as typeof import('../src/kept-log')),
    ...(require('../src/observe/process/patch') as typeof import('../src/observe/process/patch')),
    ...(require('../src/observe/process/reporters') as typeof import('../src/observe/process/reporters')),
    ...(require('../src/observe/process/socket/hooks') as typeof import('../src/observe/process/socket/hooks')),
    ...(require('../src/observe/transports') as typeof import('../src/observe/transports')),
    ...(require('../src/report/span-reporter') as typeof import('../src/report/span-reporter')),
  };
}

function observeSockets(): Undo {
  const { registerObserver, observeSockets: start } = files();
  return registerObserver('net', silent, start);
}

function observe(reporter: Reporter): Undo {
  const { registerObserver, observeSockets: startNet, TRANSPORTS, undoAll } = files();
  const undos = TRANSPORTS.map(({ name, start }) => registerObserver(name, reporter, start));
  return undoAll([registerObserver('net', reporter, startNet), ...undos]);
}

/** Finds the span and writes nothing onto it. */
function observeSpans(): Undo {
  const { SpanReporter, log } = files();
  class FindingReporter extends SpanReporter {
    override succeeded(): void {}
  }
  return observe(new FindingReporter(() => ({}), log));
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
  sockets: observeSockets,
  observers: () => observe(silent),
  span: observeSpans,
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
