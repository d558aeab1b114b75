import {
  DataqueryBuilder as PrometheusQuery,
  PromQueryFormat,
  QueryEditorMode,
} from '@grafana/grafana-foundation-sdk/prometheus';
import {
  MetricsQueryType,
  SearchTableType,
  DataqueryBuilder as TempoQuery,
} from '@grafana/grafana-foundation-sdk/tempo';
import { PROMETHEUS, TEMPO } from './variables';

function promql(refId: string, expr: string) {
  return new PrometheusQuery().refId(refId).datasource(PROMETHEUS).editorMode(QueryEditorMode.Code).expr(expr);
}

/** A line over the range for each series. */
export function over(refId: string, expr: string, legend: string) {
  return promql(refId, expr).range().format(PromQueryFormat.TimeSeries).legendFormat(legend);
}

/** The value at the end of the range, as one number. */
export function now(refId: string, expr: string) {
  return promql(refId, expr).instant().format(PromQueryFormat.TimeSeries).legendFormat('');
}

/** The value at the end of the range, a row for each series and a column for each label. */
export function rows(refId: string, expr: string) {
  return promql(refId, expr).instant().format(PromQueryFormat.Table);
}

/** The buckets of a histogram: Grafana sorts them by `le` and subtracts from each the one below. */
export function buckets(refId: string, expr: string) {
  return promql(refId, expr).range().format(PromQueryFormat.Heatmap).legendFormat('{{le}}');
}

function traceql(query: string) {
  return new TempoQuery().refId('A').datasource(TEMPO).queryType('traceql').query(query);
}

/** The newest spans that match. */
export function found(query: string) {
  return traceql(query).tableType(SearchTableType.Spans).limit(50);
}

/** A metric that Tempo computes from spans. */
export function computed(query: string) {
  return traceql(query).metricsQueryType(MetricsQueryType.Range);
}
