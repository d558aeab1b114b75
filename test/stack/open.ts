import { whatToOpen } from '../../examples/stack/run/open';
import type { RunningStack } from '../../examples/stack/run/stack';
import type { Check } from './check';

/** Every address that `npm run stack` prints has a page. */
export function liveChecks({ urls }: RunningStack): Check[] {
  return whatToOpen(urls).map(([what, url]) => ({ name: `open: ${what}`, program: 'fetch', run: () => opens(url) }));
}

async function opens(url: string): Promise<string> {
  const response = await fetch(url.replace('localhost', '127.0.0.1'));
  const text = await response.text();
  if (!response.ok || text === '') throw new Error(`status ${response.status}, ${text.length} characters`);
  return `${text.length} characters`;
}
