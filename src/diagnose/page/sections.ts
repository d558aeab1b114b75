import type { Change } from '../findings/changes';
import type { Diagnosis } from '../findings/diagnosis';
import { perThousand } from '../findings/reuse';
import { RETRY_CODE, retryText, whereText, worthText } from '../print/changes';
import { causeText } from '../print/hosts';
import { incidentText } from '../print/incident-text';
import { moreText } from '../print/layout';
import { rateCells } from '../print/reuse';
import { noChangeText, noIncidentText } from '../print/summary';
import { shorterText } from '../print/timeouts';
import { dateText, rateText, share, timeoutText } from '../print/words';
import { number } from '../wording';
import { html, type Markup, table } from './html';

/** Rows of each table and list, so that the page stays small whatever was found. */
const MOST = 50;

export function hostsSection({ hosts }: Diagnosis): Markup {
  if (hosts.length === 0) return html`<p>None: no request failed.</p>`;
  const head = ['Host', 'Requests', 'Failed', 'Per 1,000', 'Safe to retry', 'Causes'];
  const rows = hosts
    .slice(0, MOST)
    .map((host) => [
      host.host,
      number(host.requests),
      number(host.failures),
      rateText(perThousand(host)),
      share(host.safeToRetry, host.safeToRetry + host.notSafeToRetry),
      html`<ul>${host.causes.map((cause) => html`<li>${causeText(cause)}</li>`)}</ul>`,
    ]);
  return html`${table('Hosts', head, rows)}${more(hosts.length)}`;
}

export function reuseSection({ reuse }: Diagnosis): Markup {
  if (reuse.length === 0) return html`<p>On neither: no request failed.</p>`;
  const head = ['Host', 'Failed on', 'Fresh', 'Per 1,000', 'Reused', 'Per 1,000'];
  const rows = reuse
    .slice(0, MOST)
    .map(({ host, answer, fresh, reused, perhapsFresh, perhapsReused }) => [
      host,
      answer,
      ...rateCells(fresh, perhapsFresh),
      ...rateCells(reused, perhapsReused),
    ]);
  return html`${table('Fresh and reused connections', head, rows)}${more(reuse.length)}`;
}

export function timeoutsSection({ timeouts }: Diagnosis): Markup {
  if (timeouts.length === 0) return html`<p>Not known: no span tells idle timeouts.</p>`;
  const head = ['Service', 'Host', 'Client', 'Announced', 'Observed', 'Near misses', 'Shorter'];
  const rows = timeouts
    .slice(0, MOST)
    .map((each) => [
      each.service,
      each.host,
      timeoutText(each.client),
      timeoutText(each.announced),
      timeoutText(each.observed),
      number(each.nearMisses),
      shorterText(each),
    ]);
  return html`${table('Idle timeouts', head, rows)}${more(timeouts.length)}`;
}

export function incidentsSection(diagnosis: Diagnosis): Markup {
  const { incidents } = diagnosis;
  if (incidents.length === 0) return html`<p>${noIncidentText(diagnosis)}</p>`;
  const items = incidents.slice(0, MOST).map(
    (incident) => html`<li><strong>${dateText(incident.atMs)}</strong> ${incidentText(incident)}.
${incident.reason === undefined ? '' : html`<br><span class="soft">${incident.reason}.</span>`}</li>`,
  );
  return html`<ol>${items}</ol>${more(incidents.length)}`;
}

export function changesSection(diagnosis: Diagnosis): Markup {
  const { changes, retry } = diagnosis;
  const none = changes.length === 0 ? html`<p>${noChangeText(diagnosis)}</p>` : html``;
  if (retry.saved === 0 && retry.risky === 0 && changes.length === 0) return none;
  const code = retry.saved === 0 ? html`` : html`<pre tabindex="0">${RETRY_CODE.join('\n')}</pre>`;
  return html`${none}<ol class="changes">${changes.slice(0, MOST).map(changeItem)}</ol>${more(changes.length)}
<h3>Retries</h3><p>${retryText(retry)}</p>${code}`;
}

function changeItem(change: Change): Markup {
  const { text, code, note } = change;
  return html`<li><strong>${whereText(change)}</strong>: ${text}.
${code === undefined ? '' : html`<pre tabindex="0">${code}</pre>`}
${note === undefined ? '' : html`<span class="soft">(${note})</span>`} ${worthText(change)}</li>`;
}

function more(all: number): Markup {
  return all > MOST ? html`<p class="soft">${moreText(all, MOST)}</p>` : html``;
}
