import { IDLE_BUCKETS, IDLE_EDGES_MS } from '../../idle-bucket';
import { durationText } from '../../verdict/advice/phrases';
import type { ReuseFinding } from '../findings/reuse';
import type { TimeoutFinding } from '../findings/timeouts';
import { ofText } from '../print/reuse';
import { number } from '../wording';

import { html, type Markup } from './html';

const [WIDTH, HEIGHT, LEFT, TOP, BASE] = [400, 190, 8, 50, 165];
const STEP = (WIDTH - 2 * LEFT) / IDLE_BUCKETS.length;
/** Where each bucket ends, ms; the last one, which has no end, is drawn as if it ended here. */
const EDGES = [...IDLE_EDGES_MS, 3_600_000];

/** How long reused connections had been idle, with the idle timeouts of both sides drawn in. */
export function idleChart({ host, byIdle }: ReuseFinding, timeouts: readonly TimeoutFinding[]): Markup {
  const most = Math.max(1, ...byIdle.map(({ requests }) => requests));
  const bars = byIdle.map((rate) => {
    const left = LEFT + IDLE_BUCKETS.indexOf(rate.bucket) * STEP + 3;
    // A single failure among many requests still has to be seen.
    const high = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * (BASE - TOP)));
    const bar = (name: string, count: number) =>
      html`<rect class="${name}" x="${left}" y="${BASE - high(count)}" width="${STEP - 6}" height="${high(count)}"/>`;
    const title = `idle ${rate.bucket}: ${ofText(rate)} failed`;
    return html`<g><title>${title}</title>${bar('requests', rate.requests)}${bar('failures', rate.failures)}
<text x="${left + (STEP - 6) / 2}" y="${BASE - high(rate.requests) - 4}" text-anchor="middle">${number(rate.failures)}/${number(rate.requests)}</text></g>`;
  });
  const labels = IDLE_BUCKETS.map(
    (bucket, i) =>
      html`<text x="${LEFT + (i + 0.5) * STEP}" y="${BASE + 15}" text-anchor="middle" class="small">${bucket}</text>`,
  );
  const lines = linesOf(timeouts.filter((each) => each.host === host));
  const label = `Reused connections to ${host} by how long they had been idle: ${byIdle.map((rate) => `${rate.bucket} ${ofText(rate)} failed`).join(', ')}. ${lines.map((line) => line.text).join('; ')}`;
  return html`<figure><figcaption>${host}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${bars}
<line class="axis" x1="${LEFT}" x2="${WIDTH - LEFT}" y1="${BASE}" y2="${BASE}"/>${labels}
${lines.map(({ name, x, text }, i) => html`<line class="${name}" x1="${x}" x2="${x}" y1="${TOP - 46 + i * 14}" y2="${BASE}"/><text x="${x > WIDTH / 2 ? x - 4 : x + 4}" y="${TOP - 37 + i * 14}" text-anchor="${x > WIDTH / 2 ? 'end' : 'start'}">${text}</text>`)}
</svg></figure>`;
}

interface Line {
  readonly name: 'client' | 'peer';
  readonly x: number;
  readonly text: string;
}

/** The shortest timeout of the peer, and the longest of the clients. */
function linesOf(timeouts: readonly TimeoutFinding[]): Line[] {
  const peers = timeouts.flatMap(({ announced, observed }) => [announced?.fromMs, observed?.fromMs]);
  const known = peers.filter((ms) => ms !== undefined && ms > 0) as number[];
  const clients = timeouts.flatMap(({ client }) => (client === undefined ? [] : [client]));
  const isEndless = clients.some(({ fromMs }) => fromMs === 0);
  const longest = isEndless ? 0 : Math.max(0, ...clients.map(({ toMs }) => toMs));
  const lines: Line[] = [];
  if (known.length > 0) lines.push(lineAt('peer', Math.min(...known)));
  if (clients.length > 0) lines.push(lineAt('client', longest));
  return lines;
}

function lineAt(name: Line['name'], ms: number): Line {
  return { name, x: ms === 0 ? WIDTH - LEFT : placeOf(ms), text: `${name} ${ms === 0 ? 'none' : durationText(ms)}` };
}

/** Even inside a bucket. */
function placeOf(ms: number): number {
  const bucket = EDGES.findIndex((edge) => ms <= edge);
  if (bucket < 0) return WIDTH - LEFT;
  const [from, to] = [EDGES[bucket - 1] ?? 0, EDGES[bucket] ?? 1];
  return Number((LEFT + (bucket + (ms - from) / (to - from)) * STEP).toFixed(1));
}
