import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What an instance works on: a GET is answered in two parts, a POST as a whole. */

let posts = 0;
let requests = 0;

/** Whether a kill now ends a POST and another request. */
export function isAtWork(): boolean {
  return posts > 0 && requests > 1;
}

export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isPost = request.method === 'POST';
  requests += 1;
  if (isPost) posts += 1;
  response.on('close', () => {
    requests -= 1;
    if (isPost) posts -= 1;
  });
  request.resume();
  await sleep(30);
  if (!isPost) response.write('half of it, ');
  await sleep(15);
  response.end('and the rest');
}
