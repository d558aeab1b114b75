import type { RunningStack } from '../../../examples/stack/run/stack';
import type { Check } from '../check';
import { retried } from '../until';
import { type Series, seriesAt, sumOf } from './metrics';

/** The metrics of the package and of the two connectors, as the Prometheus exporter names them. */
const METRICS = [
  'http_client_open_connections',
  'http_client_connection_duration_seconds_count',
  'socket_idle_seconds_count',
  'socket_connection_requests_count',
  'socket_failures_total',
  'socket_near_misses_total',
  'socket_closes_total',
  'socket_peer_timeout_seconds',
  'socket_client_timeout_seconds',
  'traces_span_metrics_calls_total',
  'socket_span_idle_seconds_count',
];

/** The labels that series about connections may have: each has few values, or as many as there are peers. */
const LABELS = [
  ...['job', 'instance', 'le', 'otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url'],
  ...['server_address', 'server_port', 'http_connection_state', 'network_protocol_version'],
  ...['socket_outcome', 'socket_reused', 'socket_near_miss', 'socket_timeout_mismatch', 'socket_idle_bucket'],
  ...['socket_failure_kind', 'socket_failure_cause', 'socket_failure_retry_safe'],
  ...['socket_close_initiator', 'socket_peer_timeout_source'],
  ...['service_name', 'span_name', 'span_kind', 'status_code'],
];
const ABOUT_CONNECTIONS = /^(socket_|traces_span_metrics_|http_client_(open_connections|connection_))/;

export function liveChecks({ urls }: RunningStack): Check[] {
  return [
    ...METRICS.map((name) => ({
      name: `collector: ${name}`,
      program: 'otelcol',
      run: () => retried(async () => some(await seriesAt(urls.collectorMetrics), name)),
    })),
    {
      name: 'collector: no label is unbounded',
      program: 'otelcol',
      run: async () => bounded(await seriesAt(urls.collectorMetrics)),
    },
    {
      name: 'collector: nothing is refused and both backends get every span',
      program: 'otelcol',
      run: () => retried(async () => delivered(await seriesAt(urls.collectorTelemetry))),
    },
    ...[
      { job: 'orders', server_address: 'payments' },
      { job: 'gateway', server_address: 'inventory' },
    ].map(({ job, server_address }) => ({
      name: `collector: idle ages from spans equal those of the metric, ${job} → ${server_address}`,
      program: 'otelcol',
      run: () => retried(async () => sameIdleAges(await seriesAt(urls.collectorMetrics), job, server_address), 100),
    })),
  ];
}

function some(series: readonly Series[], name: string): string {
  const found = series.filter((one) => one.name === name);
  if (found.length === 0) throw new Error('no series');
  return `${found.length} series`;
}

function bounded(series: readonly Series[]): string {
  const names = new Set<string>();
  for (const { name, labels } of series.filter((one) => ABOUT_CONNECTIONS.test(one.name)))
    for (const label of Object.keys(labels)) {
      if (!LABELS.includes(label)) throw new Error(`${name} has the label ${label}`);
      names.add(label);
    }
  const spans = series.filter(({ name }) => name.startsWith('traces_span_metrics_') || name.startsWith('socket_span_'));
  const kinds = new Set(spans.flatMap(({ labels }) => labels.span_kind ?? []));
  if ([...kinds].join() !== 'SPAN_KIND_CLIENT')
    throw new Error(`spans of the kinds ${[...kinds].join(', ')} are counted`);
  const instances = spans.filter(({ labels }) => labels.instance !== undefined);
  if (instances.length > 0) throw new Error('metrics from spans have a label instance');
  return `${names.size} labels`;
}

function delivered(series: readonly Series[]): string {
  const total = (part: string, labels = {}) => {
    const name = series.find((one) => one.name.replace(/_total$/, '') === `otelcol_${part}`)?.name;
    return sumOf(series, name ?? part, labels);
  };
  const accepted = total('receiver_accepted_spans');
  const points = total('receiver_accepted_metric_points');
  if (accepted === 0 || points === 0)
    throw new Error(`${accepted} spans and ${points} points of metrics were accepted`);
  for (const part of ['receiver_refused_spans', 'receiver_failed_spans', 'exporter_send_failed_spans'])
    if (total(part) > 0) throw new Error(`${part}: ${total(part)}`);
  for (const exporter of ['otlp_http/jaeger', 'otlp_http/tempo']) {
    const sent = total('exporter_sent_spans', { exporter });
    if (sent !== accepted) throw new Error(`${accepted} spans were accepted, ${sent} were sent by ${exporter}`);
  }
  return `${accepted} spans, ${points} points of metrics`;
}

/** Equal at a moment when neither is ahead of the other. */
function sameIdleAges(series: readonly Series[], job: string, server_address: string): string {
  const fromSpans = sumOf(series, 'socket_span_idle_seconds_count', { service_name: job, server_address });
  const measured = sumOf(series, 'socket_idle_seconds_count', { job, server_address });
  if (fromSpans === 0 || fromSpans !== measured) throw new Error(`${fromSpans} from spans, ${measured} measured`);
  return `${measured} reuses`;
}
