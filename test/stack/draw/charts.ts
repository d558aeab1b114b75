import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Line, linesOf } from './fields';
import { shown } from './units';

/** What the page draws: an option of ECharts with the unit of its values, and a legend as Grafana's table has it. */
export interface Chart {
  readonly option: object;
  readonly unit: string;
  /** Where the legend is. */
  readonly placement: 'bottom' | 'right';
  readonly legend: readonly { readonly color: string; readonly cells: readonly string[] }[];
}

const PALETTE = [
  '#73BF69',
  '#F2CC0C',
  '#8AB8FF',
  '#FF780A',
  '#F2495C',
  '#5794F2',
  '#B877D9',
  '#705DA0',
  '#37872D',
  '#FADE2A',
];
const TEXT = '#ccccdc';
const AXIS = { axisLine: { show: false }, splitLine: { lineStyle: { color: '#2c3035' } } };
const GRID = { left: 70, right: 16, top: 10, bottom: 26 };
const LABEL = { color: TEXT, hideOverlap: true };

export async function lineChart(panel: Panel, prometheus: string): Promise<Chart> {
  const lines = await linesOf(panel, prometheus);
  const unit = String(panel.fieldConfig?.defaults.unit ?? 'short');
  const colours = new Map(lines.map((line, i) => [line, colourOf(line) ?? PALETTE[i % PALETTE.length] ?? '#555']));
  const { 'custom.scaleDistribution': scale, min } = lines[0]?.properties ?? {};
  const isLog = (scale as { type?: string } | undefined)?.type === 'log';
  const times = timesOf(lines);
  const isBars = lines.some(({ properties }) => properties['custom.drawStyle'] === 'bars');
  return {
    option: {
      animation: false,
      grid: GRID,
      xAxis: {
        type: 'category',
        boundaryGap: isBars,
        data: times.map(clock),
        axisTick: { show: false },
        axisLabel: LABEL,
      },
      yAxis: { ...AXIS, type: isLog ? 'log' : 'value', ...(typeof min === 'number' ? { min } : {}) },
      series: lines.map((line) => series(line, times, colours.get(line) ?? TEXT)),
    },
    unit,
    placement: placementOf(panel),
    legend: [...lines]
      .sort((a, b) => most(b) - most(a))
      .map((line) => ({
        color: colours.get(line) ?? TEXT,
        cells: [
          line.name,
          shown(last(line), unit),
          ...(placementOf(panel) === 'right' ? [] : [shown(most(line), unit)]),
        ],
      })),
  };
}

function placementOf({ options }: Panel): 'bottom' | 'right' {
  const { placement } = (options as { legend?: { placement?: string } }).legend ?? {};
  return placement === 'right' ? 'right' : 'bottom';
}

const timesOf = (lines: readonly Line[]) =>
  [...new Set(lines.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
const finite = ({ points }: Line) => points.map(([, value]) => value).filter(Number.isFinite);
const most = (line: Line) => Math.max(...finite(line), Number.NEGATIVE_INFINITY);
const last = (line: Line) => finite(line).at(-1) ?? null;

function colourOf({ properties }: Line): string | undefined {
  const colour = properties.color as { mode?: string; fixedColor?: string } | undefined;
  return colour?.mode === 'fixed' ? colour.fixedColor : undefined;
}

function series({ points, properties, name }: Line, times: readonly number[], color: string) {
  const {
    'custom.drawStyle': style,
    'custom.stacking': stacking,
    'custom.lineStyle': lineStyle,
    'custom.showPoints': showPoints,
    'custom.fillOpacity': fill = 0,
  } = properties as Readonly<Record<string, never>>;
  const values = new Map(points);
  const data = times.map((at) => (Number.isFinite(values.get(at)) ? values.get(at) : null));
  const isStacked = (stacking as { mode?: string } | undefined)?.mode === 'normal';
  if (style === 'bars')
    return {
      type: 'bar',
      name,
      data,
      itemStyle: { color, opacity: 0.8 },
      barCategoryGap: '10%',
      ...(isStacked ? { stack: 'A' } : {}),
    };
  const isDashed = (lineStyle as { fill?: string } | undefined)?.fill === 'dash';
  return {
    type: 'line',
    name,
    data,
    showSymbol: showPoints === 'always',
    symbol: 'circle',
    symbolSize: 6,
    lineStyle: { color, width: isDashed ? 2 : 1.2, type: isDashed ? 'dashed' : 'solid' },
    itemStyle: { color },
    ...(Number(fill) > 0 ? { areaStyle: { color, opacity: Number(fill) / 100 } } : {}),
  };
}

/** The rows of a histogram: each bucket without the one below. */
export async function heatmapChart(panel: Panel, prometheus: string): Promise<Chart> {
  const unit = (panel.options as { yAxis?: { unit?: string } }).yAxis?.unit ?? 'short';
  const boundOf = ({ metric: { le = '' } }: Line) => (le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le));
  const buckets = [...(await linesOf(panel, prometheus))].sort((a, b) => boundOf(a) - boundOf(b));
  const times = timesOf(buckets);
  const cells = buckets.flatMap(({ points }, row) => {
    const below = new Map(row === 0 ? [] : buckets[row - 1]?.points);
    return points.map(([at, value]) => [times.indexOf(at), row, value - (below.get(at) ?? 0)] as const);
  });
  const full = cells.filter(([, , value]) => value > 1e-9);
  return {
    option: {
      animation: false,
      grid: { ...GRID, left: 90 },
      xAxis: { type: 'category', data: times.map(clock), axisTick: { show: false }, axisLabel: LABEL },
      yAxis: {
        type: 'category',
        data: buckets.map((one) => boundText(boundOf(one), unit)),
        axisLabel: { color: TEXT },
      },
      visualMap: {
        show: false,
        min: 0,
        max: Math.max(1e-9, ...full.map(([, , value]) => value)),
        inRange: { color: ['#3d2a1e', '#a63603', '#e6550d', '#fdd0a2'] },
      },
      series: [{ type: 'heatmap', data: full }],
    },
    unit: 'none',
    placement: 'bottom',
    legend: [],
  };
}

const clock = (at: number) => new Date(at).toISOString().slice(11, 19);
const boundText = (bound: number, unit: string) => (Number.isFinite(bound) ? shown(bound, unit) : '+Inf');
