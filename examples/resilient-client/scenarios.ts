import { on } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './clients/client';
import type { Setup } from './messages';
import { askToClose, openConnections } from './peer-log';

/** What each client program does. The first word of a call's name tells the peer how to misbehave (peer.ts). */

type Ask = (call: Call) => Promise<void>;

const BODY = Buffer.from('{"item":"tea","count":1}');
const UPLOAD = Buffer.alloc(1_000_000, 'x');

const get = (scenario: string, number = 1): Call => ({ method: 'GET', name: `${scenario}.get.${number}` });
const put = (scenario: string): Call => ({ method: 'PUT', name: `${scenario}.put.1`, body: UPLOAD });
const post = (scenario: string): Call => ({ method: 'POST', name: `${scenario}.post.1`, body: BODY });

export async function playAll(setup: Setup, ask: Ask): Promise<void> {
  await ordinary(ask);
  await stale(setup, ask);
  await restartAndRefused(ask);
  await ask(put('upload'));
  await ask(get('truncated'));
  await ask(post('cut'));
}

async function ordinary(ask: Ask): Promise<void> {
  for (let i = 1; i <= 20; i += 4) await Promise.all([0, 1, 2, 3].map((more) => ask(get('ordinary', i + more))));
}

/**
 * Idle for longer than a fixed client keeps connections, and then busy while the peer closes those that are left: a
 * client cannot know of it when it sends.
 */
async function stale({ folder }: Setup, ask: Ask): Promise<void> {
  await Promise.all([ask(get('pooled', 1)), ask(get('pooled', 2))]);
  await sleep(1_600);
  askToClose(folder);
  const blocked = new Int32Array(new SharedArrayBuffer(4));
  while (openConnections(folder) > 0) Atomics.wait(blocked, 0, 0, 10);
  await Promise.all([ask(get('stale')), ask(post('stale'))]);
  // The ends of the other idle connections are handled before this timer fires.
  await sleep(50);
}

/** Two requests are in flight when the peer is killed, and two are sent while nobody listens; then it is back. */
async function restartAndRefused(ask: Ask): Promise<void> {
  const said = on(process, 'message');
  const inFlight = [ask(get('restart', 1)), ask(get('restart', 2))];
  await said.next();
  // The ends of its connections have arrived, and are handled before this timer fires.
  await sleep(50);
  const refused = [ask(get('refused')), ask(post('refused'))];
  process.send?.({ refused: true });
  await Promise.all([...inFlight, ...refused]);
  await said.next();
}
