import type { Histogram, Meter, Observable } from '@opentelemetry/api';
import * as conventions from '../conventions';
import * as names from '../semconv';

export interface Instruments {
  readonly duration: Histogram;
  readonly idle: Histogram;
  readonly requests: Histogram;
  readonly openConnections: Observable;
  readonly failures: Observable;
  readonly nearMisses: Observable;
  readonly closes: Observable;
  readonly peerTimeout: Observable;
  readonly clientTimeout: Observable;
  /** Everything that the one callback observes. */
  readonly observables: Observable[];
}

/** The bucket boundaries of the semantic conventions. */
const DURATION_S = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
/** Bucket boundaries around the usual idle timeouts of servers, proxies and clouds. */
const IDLE_S = [0.5, 1, 2, 4, 5, 6, 10, 15, 30, 60, 65, 75, 120, 240, 350, 600];
const REQUESTS = [1, 2, 5, 10, 50, 100, 500, 1000, 5000, 10000];

export function createInstruments(meter: Meter): Instruments {
  const histogram = (name: string, unit: string, edges: number[], description: string) =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: edges } });
  const observables: Observable[] = [];
  const observable = (kind: 'UpDownCounter' | 'Counter' | 'Gauge', name: string, unit: string, description: string) => {
    const made = meter[`createObservable${kind}`](name, { unit, description });
    observables.push(made);
    return made;
  };
  return {
    observables,
    duration: histogram(
      conventions.METRIC_HTTP_CLIENT_CONNECTION_DURATION,
      's',
      DURATION_S,
      'The duration of the successfully established outbound HTTP connections.',
    ),
    idle: histogram(names.METRIC_SOCKET_IDLE, 's', IDLE_S, 'Idle age at reuse.'),
    requests: histogram(
      names.METRIC_SOCKET_CONNECTION_REQUESTS,
      '{request}',
      REQUESTS,
      'Requests that a connection carried.',
    ),
    openConnections: observable(
      'UpDownCounter',
      conventions.METRIC_HTTP_CLIENT_OPEN_CONNECTIONS,
      '{connection}',
      'Number of outbound HTTP connections that are currently active or idle on the client.',
    ),
    failures: observable('Counter', names.METRIC_SOCKET_FAILURES, '{failure}', 'Failed requests.'),
    nearMisses: observable(
      'Counter',
      names.METRIC_SOCKET_NEAR_MISSES,
      '{request}',
      "Requests that succeeded on a connection idle for almost the peer's idle timeout.",
    ),
    closes: observable('Counter', names.METRIC_SOCKET_CLOSES, '{connection}', 'Closed connections.'),
    peerTimeout: observable(
      'Gauge',
      names.METRIC_SOCKET_PEER_TIMEOUT,
      's',
      'Idle timeout of the peer; 0: no longer known.',
    ),
    clientTimeout: observable(
      'Gauge',
      names.METRIC_SOCKET_CLIENT_TIMEOUT,
      's',
      'Idle timeout of this client; 0: none.',
    ),
  };
}
