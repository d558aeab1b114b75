import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { demoRun, diagnose } from '../../diagnose/run';
import type { Check } from '../check';
import { output } from '../output';

/** The page of `diagnose --html` in a real browser: readable by everybody, in light and dark, on a phone, offline. */

const VIEWS = [
  { name: 'light, wide', width: 1_200, flags: [] },
  { name: 'dark, wide', width: 1_200, flags: ['--force-dark-mode'] },
  { name: 'light, on a phone', width: 360, flags: [] },
  { name: 'dark, on a phone', width: 360, flags: ['--force-dark-mode'] },
] as const;

export function staticChecks(): Check[] {
  return VIEWS.map(({ name, width, flags }) => ({
    name: `diagnose --html: ${name}`,
    program: 'chromium',
    run: () => inBrowser(width, flags),
  }));
}

/** What the page's own window reports. */
interface Seen {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
  readonly checked: number;
  readonly isDark: boolean;
  readonly width: number;
  readonly contentWidth: number;
  readonly requests: readonly string[];
}

async function inBrowser(width: number, flags: readonly string[]): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'page-'));
  try {
    const seen = await look(folder, width, flags);
    const serious = seen.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    if (serious.length > 0)
      throw new Error(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`).join('\n'));
    if (seen.width !== width) throw new Error(`it is ${seen.width} wide, not ${width}`);
    if (seen.contentWidth > width) throw new Error(`its content is ${seen.contentWidth} wide`);
    if (seen.isDark !== flags.length > 0) throw new Error('it is in the wrong colours');
    if (seen.requests.length > 0) throw new Error(`it loads ${seen.requests.join(', ')}`);
    if (seen.checked < 10) throw new Error(`only ${seen.checked} rules apply`);
    return `${seen.checked} rules of axe passed, nothing serious`;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Shows the page in a frame of this width, because no window of a desktop browser is as narrow as a phone. */
async function look(folder: string, width: number, flags: readonly string[]): Promise<Seen> {
  const file = path.join(folder, 'page.html');
  await diagnose([demoRun, '--html', file]);
  const page = fs.readFileSync(file, 'utf8');
  const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  // Its policy lets nothing run, axe neither.
  const open = page.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '');
  if (open === page) throw new Error('the page has no policy');
  fs.writeFileSync(
    file,
    open.replace('</body>', () => `<script>${axe}</script><script>${REPORT}</script></body>`),
  );
  const frame = path.join(folder, 'frame.html');
  const url = pathToFileURL(file).href;
  fs.writeFileSync(
    frame,
    `<iframe src="${url}" width="${width}" height="900" style="border:0"></iframe><pre></pre><script>${RECEIVE}</script>`,
  );
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--virtual-time-budget=20000',
    `--user-data-dir=${folder}/profile`,
  ];
  const dom = await output('chromium', [
    ...args,
    '--window-size=1300,1000',
    ...flags,
    '--dump-dom',
    pathToFileURL(frame).href,
  ]);
  const text = /<pre>(\{.*\})<\/pre>/s.exec(dom)?.[1];
  if (text === undefined) throw new Error(`the page reported nothing:\n${dom.slice(-1_000)}`);
  return JSON.parse(text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')) as Seen;
}

/** Runs in the page. */
const REPORT = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations, passes }) => parent.postMessage({
  violations: violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => ({ html })) })),
  checked: passes.length,
  isDark: matchMedia('(prefers-color-scheme: dark)').matches,
  width: innerWidth,
  contentWidth: document.documentElement.scrollWidth,
  requests: performance.getEntriesByType('resource').map(({ name }) => name),
}, '*'));`;

/** Runs around it. */
const RECEIVE = `addEventListener('message', ({ data }) => { document.querySelector('pre').textContent = JSON.stringify(data); });`;
