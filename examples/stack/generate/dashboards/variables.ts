import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

export const PROMETHEUS = { type: 'prometheus', uid: `\${datasource}` };
export const TEMPO = { type: 'tempo', uid: `\${tempo}` };

/** A job is `namespace/service` where the service has a namespace. Its spans, and the variable, have the service alone. */
const CHOSEN_JOB = 'job=~"(.*/)?$job"';
export const SERVICE_OF_JOB = '(?:.*/)?(.+)';

/** Selects the series of the services and peers that are chosen at the top of the dashboard. */
export const CHOSEN = `${CHOSEN_JOB},server_address=~"$peer",server_port=~"$port"`;
/** The same for metrics that the Collector makes from spans, which have no port. */
export const CHOSEN_SPANS = 'span_kind="SPAN_KIND_CLIENT",service_name=~"$job",server_address=~"$peer"';
/** The same for the spans themselves. Tempo compares a port as a number, so no pattern can match it. */
export const CHOSEN_IN_TEMPO = 'kind = client && resource.service.name =~ "$job" && span.server.address =~ "$peer"';

const ALL = { selected: true, text: ['All'], value: ['$__all'] };

/** The variables of every dashboard: data sources, services and peers. */
export function variables() {
  return [
    dataSource('datasource', 'Prometheus', 'prometheus'),
    dataSource('tempo', 'Tempo', 'tempo'),
    choice('job', 'Job', 'label_values(socket_failures_total, job)', '.+')
      .regex(`/^${SERVICE_OF_JOB.replace('/', '\\/')}$/`)
      .description('service.name'),
    choice('peer', 'Peer', `label_values(socket_failures_total{${CHOSEN_JOB}}, server_address)`, '.+').description(
      'server.address; _OTHER stands for all origins beyond the first maxOrigins',
    ),
    choice(
      'port',
      'Port',
      `label_values(socket_failures_total{${CHOSEN_JOB},server_address=~"$peer"}, server_port)`,
      '.*',
    ).description('server.port'),
  ];
}

/** The addresses to which the links of a dashboard lead, to be edited at its top. */
export function addresses() {
  return [
    address('jaeger', 'Jaeger', 'http://localhost:16686'),
    address('runbooks', 'Runbooks', 'http://localhost:9095/runbooks'),
  ];
}

function address(name: string, label: string, value: string) {
  const current = { selected: true, text: value, value };
  return new TextBoxVariableBuilder(name).label(label).defaultValue(value).current(current).options([current]);
}

/** The default data source of a type, or the only one. */
function dataSource(name: string, label: string, type: string) {
  return new DatasourceVariableBuilder(name)
    .label(label)
    .type(type)
    .current({ selected: true, text: label, value: type });
}

function choice(name: string, label: string, query: string, all: string) {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query({ qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(all)
    .current(ALL);
}
