import type { RunningStack } from '../../examples/stack/run/stack';
import type { Check } from './check';

/** The pages that alerts and dashboards link to. */
const pages = [
  { path: '/', status: 200, text: '<h1>Alerts</h1>' },
  { path: '/alerts', status: 200, text: '<td>firing<br>page</td>' },
  { path: '/runbooks', status: 200, text: 'href="/runbooks/stale_keepalive"' },
  { path: '/runbooks/stale_keepalive', status: 200, text: '(<code>stale_keepalive</code>)</h1>' },
  { path: '/runbooks/stale_keepalive.md', status: 200, text: '(<code>stale_keepalive</code>)</h1>' },
  { path: '/runbooks/nothing_of_this_name', status: 404, text: 'not found' },
  { path: '/runbooks/..%2Fshop%2FREADME', status: 404, text: 'not found' },
] as const;

export function liveChecks({ urls }: RunningStack): Check[] {
  return pages.map(({ path, status, text }) => ({
    name: `pager: ${path}`,
    program: 'pager',
    async run() {
      const response = await fetch(`${urls.pager}${path}`);
      if (response.status !== status) throw new Error(`${response.status}, not ${status}`);
      if (!(await response.text()).includes(text)) throw new Error(`there is no ${text}`);
      return `${status}`;
    },
  }));
}
