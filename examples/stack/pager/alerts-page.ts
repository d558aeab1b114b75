import { escaped, page } from './runbooks';

/** What Alertmanager sends, as far as it is shown. */
export interface Webhook {
  readonly alerts: readonly Alert[];
}

export interface Received extends Webhook {
  readonly receivedAt: string;
}

interface Alert {
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly startsAt?: string;
  readonly endsAt?: string;
}

/** A row for each alert, as it was last received: those that are firing first, then the latest. */
export function alertsPage(received: readonly Received[], note = ''): string {
  const last = new Map<string, Alert>();
  for (const alert of received.flatMap(({ alerts }) => alerts))
    last.set(JSON.stringify([alert.startsAt, Object.entries(alert.labels).sort()]), alert);
  const alerts = [...last.values()].sort(
    (a, b) => rank(a) - rank(b) || (b.startsAt ?? '').localeCompare(a.startsAt ?? ''),
  );
  const rows = alerts.map(row).join('');
  const table = `<table><tr><th>state</th><th>since</th><th>alert</th><th>what to do</th></tr>${rows}</table>`;
  const none = '<p>No alert has been received yet. The first takes about half a minute.</p>';
  const notes = note === '' ? '' : `<p>${escaped(note)}</p>`;
  const links = '<p><a href="/runbooks">All runbooks</a> · <a href="/alerts.json">all messages, as JSON</a></p>';
  return page('Alerts', `<h1>Alerts</h1>${alerts.length === 0 ? none : table}${notes}${links}`);
}

const rank = ({ status, labels }: Alert) => (status === 'firing' ? 0 : 2) + (labels.severity === 'page' ? 0 : 1);

function row({ status, labels, annotations = {}, startsAt = '' }: Alert): string {
  const { summary = '', description = '', runbook_url, jaeger_url } = annotations;
  const name = [labels.alertname, labels.window].filter(Boolean).join(', ');
  const links = [link('runbook', runbook_url), link('traces', jaeger_url)].filter(Boolean).join(' · ');
  return [
    `<tr class="${status === 'firing' ? 'firing' : 'resolved'}">`,
    `<td>${escaped(status)}<br>${escaped(labels.severity ?? '')}</td>`,
    `<td><time datetime="${escaped(startsAt)}">${escaped(startsAt.slice(11, 19))} UTC</time></td>`,
    `<td><b>${escaped(summary)}</b><br>${escaped(name)}</td>`,
    `<td>${escaped(description)}<br>${links}</td></tr>`,
  ].join('');
}

/** Only addresses that a browser opens as pages. */
function link(text: string, url: string | undefined): string {
  return url === undefined || !/^https?:/.test(url) ? '' : `<a href="${escaped(url)}">${text}</a>`;
}
