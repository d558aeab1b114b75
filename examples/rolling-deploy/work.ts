import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What an instance works on: a GET is answered in two parts, a POST as a whole. */

const inFlight = new Set<ServerResponse>();
/** Those that wait for the second half of their answer, or for all of it. */
const halfDone = new Set<ServerResponse>();

/** Whether a kill now ends three requests, a POST among them that has been worked on for a while. */
export function isAtWork(): boolean {
  return inFlight.size >= 3 && halfDone.size >= 2 && [...halfDone].some(({ req }) => req.method === 'POST');
}

export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  inFlight.add(response);
  response.on('close', () => {
    inFlight.delete(response);
    halfDone.delete(response);
  });
  request.resume();
  await sleep(25);
  halfDone.add(response);
  if (request.method === 'GET') response.write('half of it, ');
  await sleep(25);
  response.end('and the rest');
}
