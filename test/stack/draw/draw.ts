import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { binaries } from '../../../examples/stack/run/paths';
import type { RunningStack } from '../../../examples/stack/run/stack';
import type { Check } from '../check';
import { DASHBOARDS } from '../grafana/dashboards';
import { pageOf, WIDTH } from './page';

const run = promisify(execFile);

/** Beside the programs of the stack, outside what is committed. */
const FOLDER = path.join(path.dirname(binaries.collector), '../dashboards');

/** There is no Grafana here: each dashboard is drawn by ECharts in Chromium, with the data of the running shop. */
export function liveChecks({ urls }: RunningStack): Check[] {
  return DASHBOARDS.map((dashboard) => ({
    name: `dashboard ${dashboard.uid}: drawn`,
    program: 'chromium',
    async run() {
      fs.mkdirSync(FOLDER, { recursive: true });
      const { html, height, top } = await pageOf(dashboard, urls.prometheus);
      const page = path.join(FOLDER, `${dashboard.uid}.html`);
      const picture = path.join(FOLDER, `${dashboard.uid}.png`);
      fs.writeFileSync(page, html);
      await drawn(page, picture, height);
      await drawn(page, path.join(FOLDER, `${dashboard.uid}-top.png`), top);
      return `${path.relative(process.cwd(), picture)}, ${WIDTH} × ${height}`;
    },
  }));
}

async function drawn(page: string, picture: string, height: number): Promise<void> {
  fs.rmSync(picture, { force: true });
  const profile = fs.mkdtempSync(path.join(FOLDER, 'profile-'));
  try {
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${profile}`];
    const size = [`--window-size=${WIDTH},${height}`, '--virtual-time-budget=5000'];
    await run('chromium', [...flags, ...size, `--screenshot=${picture}`, pathToFileURL(page).href], {
      timeout: 60_000,
    });
  } finally {
    fs.rmSync(profile, { recursive: true, force: true });
  }
  if (!fs.existsSync(picture) || fs.statSync(picture).size < 20_000)
    throw new Error(`Chromium drew nothing: ${picture}`);
}
