import type { Diagnosis } from '../findings/diagnosis';
import { brokenTexts, summaryText } from '../print/summary';
import { CSS } from './css';
import { html, type Markup } from './html';
import { idleChart } from './idle-chart';
import { changesSection, hostsSection, incidentsSection, reuseSection, timeoutsSection } from './sections';
import { timelineChart } from './timeline-chart';

const MOST_CHARTS = 6;
/** Nothing may be loaded, and nothing runs. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The diagnosis as one page of HTML that needs neither network nor script. */
export function page(diagnosis: Diagnosis): string {
  const { sources, limits, requests } = diagnosis;
  const style: Markup = { markup: `<style>${CSS}</style>` };
  const title = 'What happened to connections';
  const { markup } = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
${style}</head><body><main>
<h1>${title}</h1>
<p><strong>${summaryText(diagnosis)}</strong></p>
<p class="soft">From ${sources.map(({ name, kind }) => `${name} (${kind})`).join(', ')}.</p>
${sources.flatMap(brokenTexts).map((text) => html`<p class="broken">${text}</p>`)}
${requests === 0 ? '' : sections(diagnosis)}
<h2>What the evidence cannot say</h2><ul>${limits.map((limit) => html`<li>${limit}.</li>`)}</ul>
</main></body></html>
`;
  return markup;
}

function sections(diagnosis: Diagnosis): Markup {
  return html`${charts(diagnosis)}
<h2>Which hosts reset, or fail otherwise?</h2>${hostsSection(diagnosis)}
<h2>On first requests, or only on reused connections?</h2>${reuseSection(diagnosis)}
<h2>Whose idle timeout is shorter?</h2>${timeoutsSection(diagnosis)}
<h2>Incidents</h2>${incidentsSection(diagnosis)}
<h2>What to change</h2>${changesSection(diagnosis)}`;
}

function charts({ timeline, incidents, reuse, timeouts }: Diagnosis): Markup {
  const idle = reuse.filter(({ byIdle }) => byIdle.length > 0).slice(0, MOST_CHARTS);
  const over = timeline === undefined ? [] : [timelineChart(timeline, incidents)];
  const legend = html`<p class="soft">How long reused connections had been idle when a request took them: failures of
requests, with the idle timeout of the peer (dashed) and of the client drawn in.</p>`;
  return html`<div class="charts">${over}</div>
${idle.length === 0 ? '' : html`${legend}<div class="charts">${idle.map((each) => idleChart(each, timeouts))}</div>`}`;
}
