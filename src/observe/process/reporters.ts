import type { CurrentExchange } from '../../connection/current-exchange';
import type { Endpoints } from '../../connection/endpoints';
import type { Exchange } from '../../connection/exchange';
import { UNSAMPLED } from '../../connection/span-handle';
import type { OutgoingRequest, Reporter } from '../../reporter';
import type { Undo } from './patch';
import { type Observation, processState } from './process-state';

/**
 * The reporter in charge: the first that was enabled or, for an exchange with a span, the one that found it. A
 * torn-down test sandbox stays registered but never finds a span.
 */
export function reporterOf(transport: string, exchange?: CurrentExchange): Reporter | undefined {
  const reporters = reportersOf(transport);
  const first = reporters[0];
  const finder = exchange?.reporter;
  if (finder === undefined || finder === first) return first;
  return reporters.find((reporter) => reporter === finder) ?? first;
}

// Made once, and never replaced: each request needs one of them several times.
const httpClient = observationOf('httpClient');
const httpServer = observationOf('httpServer');
const undici = observationOf('undici');

function reportersOf(transport: string): readonly Reporter[] {
  if (transport === 'httpClient') return httpClient.reporters;
  if (transport === 'httpServer') return httpServer.reporters;
  return (transport === 'undici' ? undici : observationOf(transport)).reporters;
}

/** The CLIENT span of a request that is being constructed: the first that a reporter finds, in order of registration. */
export function findClientSpan(exchange: Exchange, request: OutgoingRequest): void {
  const reporters = reportersOf('httpClient');
  for (let i = 0; i < reporters.length; i += 1) {
    const reporter = reporters[i];
    const span = reporter?.clientSpan(request, processState.taken);
    if (reporter === undefined || span === undefined) continue;
    exchange.setSpan(span, reporter);
    return;
  }
}

/**
 * The SERVER span of the active context, in the same way; with `peer`, only if it is of a request of that peer. Returns
 * whether one was found, or none needs to be looked for.
 */
export function findServerSpan(exchange: Exchange, peer?: Endpoints): boolean {
  const reporters = reportersOf('httpServer');
  for (let i = 0; i < reporters.length; i += 1) {
    const reporter = reporters[i];
    const span = reporter?.serverSpan(peer);
    if (reporter === undefined || span === undefined) continue;
    if (span !== UNSAMPLED) exchange.setSpan(span, reporter);
    return true;
  }
  return false;
}

/** The reporters of each `watchSpans` that no `noticeSpan` has ended yet. */
const watching: (readonly Reporter[])[] = [];

/**
 * Another library is about to create the CLIENT span of a request, without making it active. `noticeSpan` ends it;
 * pairs nest.
 */
export function watchSpans(): void {
  const { reporters } = undici;
  watching.push(reporters);
  // Without iterators, because each request passes here.
  for (let i = 0; i < reporters.length; i += 1) reporters[i]?.watchSpans(watching.length);
}

/**
 * The CLIENT span that was created since `watchSpans`. Torn-down test sandboxes leave subscribers that continue to
 * create spans: among several spans the one noticed by the newest reporter is used. The earliest that noticed it reports.
 */
export function noticeSpan(exchange: Exchange | undefined, request: OutgoingRequest | undefined): void {
  const reporters = watching.pop();
  if (reporters === undefined) return;
  for (let i = reporters.length - 1; i >= 0; i -= 1) {
    const reporter = reporters[i];
    const span = reporter?.noticedSpan(request, processState.taken);
    if (reporter === undefined || span === undefined || exchange === undefined) continue;
    if ((exchange.span ?? span) === span) exchange.setSpan(span, reporter);
  }
}

/** Claims this span, because its request needs a new connection, and other requests may then start in its context. */
export function take({ span }: Exchange): void {
  if (typeof span === 'object' && span !== null) processState.taken.add(span);
}

/**
 * Registers `reporter` with the observation of a transport (or of `net`). The first reporter starts the observation,
 * the last one to be removed stops it; the earliest is in charge. The undo is idempotent.
 */
export function registerObserver(transport: string, reporter: Reporter, start: () => Undo): Undo {
  const observation = observationOf(transport);
  observation.reporters = [...observation.reporters, reporter];
  observation.undo ??= start();
  let registered = true;
  return () => {
    if (!registered) return;
    registered = false;
    const own = observation.reporters.indexOf(reporter);
    observation.reporters = observation.reporters.filter((_, i) => i !== own);
    if (observation.reporters.length > 0) return;
    observation.undo?.();
    observation.undo = undefined;
  };
}

function observationOf(transport: string): Observation {
  const known = processState.observations.get(transport);
  if (known !== undefined) return known;
  const observation: Observation = { reporters: [], undo: undefined };
  processState.observations.set(transport, observation);
  return observation;
}
