import type { Timeline } from '../findings/timeline';
import type { Incident } from '../hindsight/incidents';
import { dateText } from '../print/words';
import { number } from '../wording';
import { COLOURS } from './css';
import { html, type Markup } from './html';

const [WIDTH, HEIGHT, LEFT, TOP, BASE] = [400, 170, 8, 26, 140];
/** More incidents than this would hide the bars. */
const MOST_MARKS = 12;

/** Failures over time by cause, with the largest incidents marked by their numbers in the list below. */
export function timelineChart(timeline: Timeline, incidents: readonly Incident[]): Markup {
  const { byCause, parts, partMs, fromMs } = timeline;
  const sums = Array.from({ length: parts }, (_, i) => byCause.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0));
  const most = Math.max(1, ...sums);
  const step = (WIDTH - 2 * LEFT) / parts;
  const at = (index: number) => Number((LEFT + index * step).toFixed(2));
  const bars = sums.map((sum, i) => {
    let top = BASE;
    const stack = byCause.map(({ counts }, cause) => {
      const high = Number((((counts[i] ?? 0) / most) * (BASE - TOP)).toFixed(2));
      top -= high;
      return high === 0
        ? html``
        : html`<rect class="${colourOf(cause)}" x="${at(i)}" y="${Number(top.toFixed(2))}" width="${Number((step * 0.85).toFixed(2))}" height="${high}"/>`;
    });
    const what = byCause.flatMap(({ cause, counts }) => (counts[i] ? `${counts[i]} ${cause}` : [])).join(', ');
    return sum === 0 ? html`` : html`<g><title>${dateText(fromMs + i * partMs)} UTC: ${what}</title>${stack}</g>`;
  });
  const marks = markedOf(incidents).map(({ incident, number: name }) => {
    const x = at(Math.min(parts, Math.max(0, (incident.atMs - fromMs) / partMs)));
    return html`<line class="mark" x1="${x}" x2="${x}" y1="${TOP - 10}" y2="${BASE}"/><text x="${x}" y="${TOP - 13}" text-anchor="middle">${name}</text>`;
  });
  const total = byCause.map(({ cause, counts }) => `${number(counts.reduce((a, b) => a + b, 0))} ${cause}`);
  return html`<figure class="timeline"><figcaption>Failures over time</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Failures over time by cause: ${total.join(', ')}. At most ${most} in one bar.">${bars}${marks}
<line class="axis" x1="${LEFT}" x2="${WIDTH - LEFT}" y1="${BASE}" y2="${BASE}"/>
<text x="${LEFT}" y="${BASE + 16}">${dateText(fromMs)}</text>
<text x="${WIDTH - LEFT}" y="${BASE + 16}" text-anchor="end">${dateText(fromMs + parts * partMs)} UTC</text>
</svg>
<ul class="legend">${byCause.map(({ cause }, i) => html`<li><span class="swatch ${colourOf(i)}"></span>${cause}</li>`)}</ul></figure>`;
}

const colourOf = (index: number) => `c${Math.min(index, COLOURS - 1)}`;

/** The largest incidents with their numbers, from 1 in the order of time. */
function markedOf(incidents: readonly Incident[]): { readonly incident: Incident; readonly number: number }[] {
  return incidents
    .map((incident, i) => ({ incident, number: i + 1 }))
    .sort((a, b) => b.incident.lost - a.incident.lost)
    .slice(0, MOST_MARKS);
}
