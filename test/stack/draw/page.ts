import fs from 'node:fs';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { escaped } from '../../../examples/stack/pager/runbooks';
import { promqlOf } from '../grafana/dashboards';
import { statBox, tableBox, textBox } from './boxes';
import { type Chart, heatmapChart, lineChart } from './charts';
import { shown } from './units';

export const WIDTH = 1_400;
const COLUMN = WIDTH / 24;
const ROW = 38;
const HEADING = 34;

export interface Drawing {
  readonly html: string;
  readonly height: number;
  /** The height of the first three rows. */
  readonly top: number;
}

/** A page that shows a dashboard as its JSON lays it out, with what Prometheus answers now. */
export async function pageOf(dashboard: Dashboard, prometheus: string): Promise<Drawing> {
  const charts: Record<string, Chart> = {};
  const boxes: string[] = [];
  let lowest = 0;
  for (const panel of dashboard.panels ?? []) {
    const { x = 0, y = 0, w = 24, h = 1 } = panel.gridPos ?? {};
    lowest = Math.max(lowest, y + h);
    const place = `left:${x * COLUMN}px;top:${HEADING + y * ROW}px;width:${w * COLUMN - 8}px;height:${h * ROW - 8}px`;
    if (panel.type === 'row') {
      boxes.push(`<h2 style="${place}">${escaped(panel.title ?? '')}</h2>`);
      continue;
    }
    const id = `panel-${(panel as Panel).id}`;
    const content = await contentOf(panel as Panel, prometheus);
    if (typeof content !== 'string') charts[id] = content;
    const inside = typeof content === 'string' ? content : chartBox(id, content);
    boxes.push(`<section style="${place}"><h3>${escaped(panel.title ?? '')}</h3>${inside}</section>`);
  }
  const fourth = (dashboard.panels ?? []).filter(({ type }) => type === 'row')[3]?.gridPos?.y ?? lowest;
  const html = whole(String(dashboard.title), boxes.join('\n'), charts);
  return { html, height: HEADING + lowest * ROW, top: HEADING + fourth * ROW };
}

async function contentOf(panel: Panel, prometheus: string): Promise<string | Chart> {
  if (panel.type === 'text') return textBox(panel);
  if (promqlOf(panel).length === 0) return '<p class="none">asks Tempo, which this stack does not have</p>';
  if (panel.type === 'stat') return statBox(panel, prometheus);
  if (panel.type === 'table') return tableBox(panel, prometheus);
  if (panel.type === 'heatmap') return heatmapChart(panel, prometheus);
  if (panel.type === 'timeseries') return lineChart(panel, prometheus);
  throw new Error(`a type of panel that is not drawn: ${panel.type}`);
}

/** Grafana gives a legend in a table at most 35 % of the panel. */
function chartBox(id: string, { legend, placement }: Chart): string {
  if (legend.length === 0) return `<div class="chart" id="${id}"></div>`;
  const rows = legend.map(({ color, cells: [name = '', ...values] }) => {
    const numbers = values.map((value) => `<td class="number">${escaped(value)}</td>`).join('');
    return `<tr><td><i style="background:${color}"></i>${escaped(name)}</td>${numbers}</tr>`;
  });
  const most = placement === 'right' ? '' : '<th class="number">max</th>';
  const head = `<tr><th></th><th class="number">last</th>${most}</tr>`;
  return `<div class="with-legend ${placement}"><div class="chart" id="${id}"></div><div class="legend"><table>${head}${rows.join('')}</table></div></div>`;
}

function whole(title: string, boxes: string, charts: Readonly<Record<string, Chart>>): string {
  const library = fs.readFileSync(require.resolve('echarts/dist/echarts.min.js'), 'utf8');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>
body { margin: 0; font: 13px/1.4 system-ui, "DejaVu Sans", sans-serif; color: #ccccdc; background: #111217; }
h1 { margin: 6px 10px; font-size: 18px; }
h2, section { position: absolute; box-sizing: border-box; margin: 0 4px; }
h2 { font-size: 15px; padding-top: 6px; }
section { display: flex; flex-direction: column; padding: 6px 10px; background: #181b1f; border: 1px solid #2c3035; overflow: hidden; }
h3 { margin: 0 0 4px; font-size: 13px; }
.chart, .with-legend { flex: 1; min-height: 0; min-width: 0; }
.with-legend { display: flex; flex-direction: column; }
.with-legend.right { flex-direction: row; }
.right .legend { max-height: none; max-width: 50%; border: 0; }
.legend { max-height: 35%; overflow: hidden; border-top: 1px solid #2c3035; }
.legend i { display: inline-block; width: 12px; height: 4px; margin-right: 6px; vertical-align: middle; }
.stat { flex: 1; display: flex; align-items: center; justify-content: center; font-size: 34px; }
table { border-collapse: collapse; width: 100%; font-size: 12px; }
th { text-align: left; color: #8e8e99; font-weight: 600; }
td, th { padding: 1px 8px; }
.number { text-align: right; }
.markdown { overflow: hidden; } .markdown td { padding: 3px 8px; border-bottom: 1px solid #2c3035; }
.none { margin: auto; color: #8e8e99; }
a { color: #6e9fff; }
</style></head><body><h1>${escaped(title)}</h1>${boxes}
<script>${library}</script><script>
const shown = ${shown.toString()};
for (const [id, { option, unit }] of Object.entries(${JSON.stringify(charts).replaceAll('<', '\\u003c')})) {
  if (option.yAxis.type !== 'category') option.yAxis.axisLabel = { color: '#ccccdc', formatter: (value) => shown(value, unit) };
  echarts.init(document.getElementById(id)).setOption(option);
}
</script></body></html>`;
}
