import { setTimeout as sleep } from 'node:timers/promises';
import { whatToOpen } from '../../../examples/stack/run/open';
import type { RunningStack, StackUrls } from '../../../examples/stack/run/stack';
import type { Check } from '../check';
import { type Series, seriesAt, sumOf } from './metrics';

const PATIENCE_MS = 60_000;

/** Design, section 6, and the two connectors, as the exporter names them. */
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

/** All labels that series about connections may have: each has few values, or as many as there are peers. */
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
      name: 'collector: no label without a bound',
      program: 'otelcol',
      run: async () => bounded(await seriesAt(urls.collectorMetrics)),
    },
    {
      name: 'collector: nothing is refused, and both backends get every span',
      program: 'otelcol',
      run: () => retried(async () => delivered(await seriesAt(urls.collectorTelemetry))),
    },
    ...[
      { job: 'orders', server_address: 'payments' },
      { job: 'gateway', server_address: 'inventory' },
    ].map(({ job, server_address }) => ({
      name: `collector: idle ages from spans are those of the metric, ${job} → ${server_address}`,
      program: 'otelcol',
      run: () => retried(async () => sameIdleAges(await seriesAt(urls.collectorMetrics), job, server_address), 100),
    })),
    { name: 'prometheus: the Collector is up', program: 'prometheus', run: () => retried(() => targetUp(urls)) },
    {
      name: 'prometheus: Alertmanager is known',
      program: 'prometheus',
      run: () => retried(() => alertmanager(urls)),
    },
    { name: 'prometheus: no rule fails', program: 'prometheus', run: () => retried(() => rulesHealthy(urls)) },
    ...['gateway', 'orders'].map((service) => ({
      name: `jaeger: knows ${service}`,
      program: 'jaeger',
      run: () => retried(() => jaegerKnows(urls, service)),
    })),
    ...whatToOpen(urls).map(([what, url]) => ({ name: `open: ${what}`, program: 'fetch', run: () => opens(url) })),
  ];
}

/** Again and again, until it does not throw or time is up: the shop and the exporters take their time. */
async function retried(run: () => Promise<string>, everyMs = 500): Promise<string> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(everyMs);
    }
  }
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
  if (instances.length > 0) throw new Error('what is made from spans is told per instance');
  return `${names.size} labels`;
}

function delivered(series: readonly Series[]): string {
  const total = (part: string, labels = {}) => {
    const name = series.find((one) => one.name.replace(/_total$/, '') === `otelcol_${part}`)?.name;
    return sumOf(series, name ?? part, labels);
  };
  const accepted = total('receiver_accepted_spans');
  const points = total('receiver_accepted_metric_points');
  if (accepted === 0 || points === 0) throw new Error(`${accepted} spans and ${points} points of metrics came in`);
  for (const part of ['receiver_refused_spans', 'receiver_failed_spans', 'exporter_send_failed_spans'])
    if (total(part) > 0) throw new Error(`${part}: ${total(part)}`);
  for (const exporter of ['otlp_http/jaeger', 'otlp_http/tempo']) {
    const sent = total('exporter_sent_spans', { exporter });
    if (sent !== accepted) throw new Error(`${accepted} spans came in, ${sent} went out by ${exporter}`);
  }
  return `${accepted} spans, ${points} points of metrics`;
}

/** At a moment when neither is ahead of the other. */
function sameIdleAges(series: readonly Series[], job: string, server_address: string): string {
  const fromSpans = sumOf(series, 'socket_span_idle_seconds_count', { service_name: job, server_address });
  const measured = sumOf(series, 'socket_idle_seconds_count', { job, server_address });
  if (fromSpans === 0 || fromSpans !== measured) throw new Error(`${fromSpans} from spans, ${measured} measured`);
  return `${measured} reuses`;
}

async function api<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return ((await response.json()) as { data: T }).data;
}

async function targetUp({ prometheus }: StackUrls): Promise<string> {
  type Target = { readonly health: string; readonly lastError: string; readonly scrapeUrl: string };
  const { activeTargets } = await api<{ activeTargets: readonly Target[] }>(`${prometheus}/api/v1/targets`);
  const bad = activeTargets.find(({ health }) => health !== 'up');
  if (bad !== undefined || activeTargets.length === 0) throw new Error(bad?.lastError || 'no target is up');
  return `${activeTargets.length} target`;
}

async function alertmanager({ prometheus }: StackUrls): Promise<string> {
  const { activeAlertmanagers: active } = await api<{ activeAlertmanagers: readonly { readonly url: string }[] }>(
    `${prometheus}/api/v1/alertmanagers`,
  );
  if (active.length !== 1) throw new Error(`${active.length} Alertmanagers`);
  return 'active';
}

async function rulesHealthy({ prometheus }: StackUrls): Promise<string> {
  type Rule = { readonly name: string; readonly health: string; readonly lastError?: string };
  const { groups } = await api<{ groups: readonly { readonly rules: readonly Rule[] }[] }>(
    `${prometheus}/api/v1/rules`,
  );
  const rules = groups.flatMap((group) => group.rules);
  const bad = rules.find(({ health }) => health !== 'ok');
  if (bad !== undefined || rules.length === 0) throw new Error(`${bad?.name}: ${bad?.health} ${bad?.lastError ?? ''}`);
  return `${rules.length} rules`;
}

async function jaegerKnows({ jaeger }: StackUrls, service: string): Promise<string> {
  const services = await api<readonly string[]>(`${jaeger}/api/services`);
  if (!services.includes(service)) throw new Error(`it knows ${services.join(', ')}`);
  return services.join(', ');
}

async function opens(url: string): Promise<string> {
  const response = await fetch(url.replace('localhost', '127.0.0.1'));
  const text = await response.text();
  if (!response.ok || text === '') throw new Error(`status ${response.status}, ${text.length} characters`);
  return `${text.length} characters`;
}
