import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StatPanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TablePanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TextPanelBuilder } from '@grafana/grafana-foundation-sdk/text';
import { PanelBuilder as TimeseriesPanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { CAUSES, COLOUR_OF_CAUSE } from './causes';
import { PROMETHEUS, TEMPO } from './variables';

/** What every panel says about itself. */
export interface About {
  readonly title: string;
  /** Shown by the panel's information icon: what the panel shows, and what to conclude from it. */
  readonly description: string;
  readonly unit: string;
  /** Shown in place of an empty panel. */
  readonly none?: string;
}

/** Seconds without Grafana's minutes: 65 s, not 1.08 mins. */
export const SECONDS = 'suffix: s';

/** For more lines than fit below a panel. */
export function legendBeside(): common.VizLegendOptionsBuilder {
  const legend = new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.Table);
  return legend.placement(common.LegendPlacement.Right).calcs(['lastNotNull']).sortBy('Last *').sortDesc(true);
}

/** A line for each series; the legend has the last value and the maximum. */
export function lines(about: About): TimeseriesPanelBuilder {
  const legend = new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.Table);
  const tooltip = new common.VizTooltipOptionsBuilder()
    .mode(common.TooltipDisplayMode.Multi)
    .sort(common.SortOrder.Descending);
  return described(new TimeseriesPanelBuilder(), about)
    .datasource(PROMETHEUS)
    .min(0)
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(common.VisibilityMode.Never)
    .legend(legend.placement(common.LegendPlacement.Bottom).calcs(['lastNotNull', 'max']).sortBy('Max').sortDesc(true))
    .tooltip(tooltip);
}

/** Stacked bars, a colour for each series. */
export function stacked(about: About): TimeseriesPanelBuilder {
  return lines(about)
    .drawStyle(common.GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

/** A heatmap with a row for each bucket of a Prometheus histogram, in the order of their bounds. */
export function heat(
  about: About & { readonly cells: string; readonly counted: string; readonly axis: string },
): heatmap.PanelBuilder {
  const { unit, cells, counted, axis } = about;
  const colour = new heatmap.HeatmapColorOptionsBuilder().mode(heatmap.HeatmapColorMode.Scheme).scheme('Oranges');
  return described(new heatmap.PanelBuilder(), about)
    .datasource(PROMETHEUS)
    .calculate(false)
    .color(colour.steps(64).scale(heatmap.HeatmapColorScale.Exponential).exponent(0.5).min(0))
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9))
    .rowsFrame(new heatmap.RowsHeatmapOptionsBuilder().layout(common.HeatmapCellLayout.Auto).value(counted))
    .cellValues(new heatmap.CellValuesBuilder().unit(cells).decimals(2))
    .yAxis(new heatmap.YAxisConfigBuilder().unit(unit).axisPlacement(common.AxisPlacement.Left).axisLabel(axis))
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(true))
    .showLegend();
}

/** One number for the whole range. */
export function number(about: About): StatPanelBuilder {
  return described(new StatPanelBuilder(), about)
    .datasource(PROMETHEUS)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .height(4)
    .span(6);
}

export function table(about: About): TablePanelBuilder {
  return described(new TablePanelBuilder(), about).datasource(PROMETHEUS).filterable(true).span(24);
}

/** The spans that Tempo finds, each with the selected attributes and a link to its trace. */
export function spans(about: Omit<About, 'unit'>): TablePanelBuilder {
  return table({ ...about, unit: 'none' })
    .datasource(TEMPO)
    .height(9);
}

export function text(title: string, description: string, markdown: string): TextPanelBuilder {
  return new TextPanelBuilder().title(title).description(description).content(markdown).span(24);
}

/** Absolute thresholds: each colour applies from its number on. */
export function from(base: string, ...steps: readonly (readonly [number, string])[]) {
  const all = [{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))];
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(all);
}

export function fixed(color: string): DynamicConfigValue {
  return { id: 'color', value: { mode: 'fixed', fixedColor: color } };
}

/** The text in place of a share of nothing. */
export function notANumber(text: string): dashboard.ValueMapping {
  const options = { match: dashboard.SpecialValueMatch.NotANumber, result: { text, color: 'text' } };
  return { type: dashboard.MappingType.SpecialValue, options };
}

/** Gives series that are named after a cause the colour of that cause. */
export function colouredByCause(panel: TimeseriesPanelBuilder): TimeseriesPanelBuilder {
  for (const cause of CAUSES) panel.overrideByName(cause, [fixed(COLOUR_OF_CAUSE[cause])]);
  return panel;
}

interface Describable extends Builder<Panel> {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  noValue(text: string): this;
  height(rows: number): this;
  span(columns: number): this;
}

function described<P extends Describable>(
  panel: P,
  { title, description, unit, none = 'none in this time' }: About,
): P {
  return panel.title(title).description(description).unit(unit).noValue(none).height(8).span(12);
}
