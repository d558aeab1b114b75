import type { IncomingMessage, ServerResponse } from 'node:http';
import { GET } from './setup';

export const POST = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf';

interface Phase {
  readonly name: string;
  readonly sends: string;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
}

/** How far a request gets that nobody answers in full. */
export const PHASES: readonly Phase[] = [
  { name: 'request', sends: POST, answer: (request) => request.on('error', () => undefined).resume() },
  { name: 'wait', sends: GET, answer: () => undefined },
  {
    name: 'response',
    sends: GET,
    answer: (_, response) => response.writeHead(200, { 'content-length': 100 }).write('half'),
  },
];
