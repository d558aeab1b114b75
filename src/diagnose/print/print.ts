import type { Diagnosis } from '../findings/diagnosis';
import { changeLines } from './changes';
import { hostLines } from './hosts';
import { incidentText } from './incident-text';
import { hanging, moreText, wrap } from './layout';
import { reuseLines } from './reuse';
import { type Style, styleFor } from './style';
import { brokenTexts, noIncidentText, summaryText } from './summary';
import { timeoutLines } from './timeouts';
import { dateText } from './words';

/** How many of each are printed. */
const MOST_HOSTS = 30;
const MOST_INCIDENTS = 30;

/** The diagnosis as text for a terminal of this width: all six sections, or the first ones; none without a request. */
export function printed(
  diagnosis: Diagnosis,
  width: number,
  colours: boolean,
  most = Number.POSITIVE_INFINITY,
): string {
  const style = styleFor(colours);
  const { hosts, reuse, timeouts, limits, requests } = diagnosis;
  const unsaid = limits.flatMap((limit) => hanging('   - ', `${limit}.`, width));
  const head = headLines(diagnosis, width, style);
  // Nothing was asked of any host: it would be false to say that none failed.
  if (requests === 0) return [...head, ...(unsaid.length > 0 ? ['', ...unsaid] : []), ''].join('\n');
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    [
      '1. Which hosts reset, or fail otherwise?',
      [...hostLines(hosts.slice(0, MOST_HOSTS), width), ...more(hosts.length, MOST_HOSTS)],
    ],
    [
      '2. On first requests, or only on reused connections?',
      [...reuseLines(reuse.slice(0, MOST_HOSTS), width), ...more(reuse.length, MOST_HOSTS)],
    ],
    [
      '3. Whose idle timeout is shorter?',
      [...timeoutLines(timeouts.slice(0, MOST_HOSTS), width), ...more(timeouts.length, MOST_HOSTS)],
    ],
    ['4. Incidents', incidentLines(diagnosis, width, style)],
    ['5. What to change', changeLines(diagnosis, width, style)],
    ['6. What the evidence cannot say', unsaid],
  ];
  const shown = sections.slice(0, most).flatMap(([title, lines]) => ['', style.bold(title), ...lines]);
  return [...head, ...shown, ''].join('\n');
}

function headLines(diagnosis: Diagnosis, width: number, style: Style): string[] {
  const broken = diagnosis.sources.flatMap(brokenTexts);
  return [
    ...wrap(summaryText(diagnosis), width).map(style.bold),
    ...broken.flatMap((text) => hanging('! ', text, width).map(style.red)),
  ];
}

function incidentLines(diagnosis: Diagnosis, width: number, style: Style): string[] {
  const { incidents } = diagnosis;
  if (incidents.length === 0) return hanging('   ', noIncidentText(diagnosis), width);
  // The largest are shown, in the order of time.
  const largest = [...incidents].sort((a, b) => b.lost - a.lost).slice(0, MOST_INCIDENTS);
  const lines = largest
    .sort((a, b) => a.atMs - b.atMs)
    .flatMap((incident) => [
      ...hanging(`   ${dateText(incident.atMs)}  `, `${incidentText(incident)}.`, width),
      ...(incident.reason === undefined ? [] : hanging(' '.repeat(24), `${incident.reason}.`, width).map(style.dim)),
    ]);
  return [...lines, ...more(incidents.length, MOST_INCIDENTS)];
}

function more(all: number, most: number): string[] {
  return all > most ? [`   ${moreText(all, most)}`] : [];
}
