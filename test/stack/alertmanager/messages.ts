import type { StackUrls } from '../../../examples/stack/run/stack';

/** What Alertmanager sends. */
interface Alert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The first message to the pager about a firing alert with these labels. */
export async function firstFiring(
  urls: StackUrls,
  labels: Readonly<Record<string, string>>,
): Promise<Alert | undefined> {
  return (await messagesAbout(urls, labels)).find(({ status }) => status === 'firing');
}

/** The last message about an alert with these labels. */
export async function lastMessage(
  urls: StackUrls,
  labels: Readonly<Record<string, string>>,
): Promise<Alert | undefined> {
  return (await messagesAbout(urls, labels)).at(-1);
}

/** Every alert with these labels that the pager received, in order. */
export async function messagesAbout(
  urls: StackUrls,
  labels: Readonly<Record<string, string>>,
): Promise<readonly Alert[]> {
  const webhooks = (await json(`${urls.pager}/alerts.json`)) as readonly { readonly alerts: readonly Alert[] }[];
  return webhooks.flatMap(({ alerts }) => alerts).filter((alert) => has(alert.labels, labels));
}

/** Whether an alert has all of these labels. */
export function has(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

export async function json(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
