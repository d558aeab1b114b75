import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { instrument } from '../support/facts/facts-setup';
import { dial, GET, heard, listen, serverSpans } from './setup';

instrument({ socket: {} });

interface Written {
  /** Its header and all of the body that it announces. */
  readonly isWhole: boolean;
  /** What the client waits for before it leaves; undefined: nothing is sent. */
  readonly heard?: string;
  readonly method?: string;
  readonly write: (response: ServerResponse) => void;
}

const HEADER = '\r\n\r\n';
const LENGTH = { 'content-length': 2 };
const WRITTEN: Record<string, Written> = {
  'the body that its header announces': {
    isWhole: true,
    heard: 'ok',
    write: (response) => response.writeHead(200, LENGTH).write('ok'),
  },
  'a header, and later its body': {
    isWhole: true,
    heard: 'ok',
    write: (response) => {
      response.writeHead(200, LENGTH).flushHeaders();
      setTimeout(() => response.write('ok'), 5);
    },
  },
  'the header of an empty body': {
    isWhole: true,
    heard: HEADER,
    write: (response) => response.setHeader('Content-Length', 0).flushHeaders(),
  },
  'the header of a status that has no body': {
    isWhole: true,
    heard: HEADER,
    write: (response) => response.writeHead(204).flushHeaders(),
  },
  'the header for a HEAD': {
    isWhole: true,
    heard: HEADER,
    method: 'HEAD',
    write: (response) => response.writeHead(200, LENGTH).flushHeaders(),
  },
  'early hints and a whole response': {
    isWhole: true,
    heard: 'ok',
    write: (response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
      response.writeHead(200, LENGTH).write('ok');
    },
  },
  'a header that is not ASCII, and its body': {
    isWhole: true,
    heard: 'ok',
    write: (response) => response.writeHead(200, { ...LENGTH, 'x-name': 'r\u00e9sum\u00e9' }).write('ok'),
  },
  'less than its header announces': {
    isWhole: false,
    heard: `${HEADER}o`,
    write: (response) => response.writeHead(200, LENGTH).write('o'),
  },
  'a body of unknown length': { isWhole: false, heard: 'ok', write: (response) => response.write('ok') },
  'a header that is not sent yet': { isWhole: false, write: (response) => response.setHeader('Content-Length', 0) },
};

for (const [what, { isWhole, heard: text, method = 'GET', write }] of Object.entries(WRITTEN)) {
  for (const secure of [false, true]) {
    const before = `${what}${secure ? ', over TLS,' : ''}`;
    test(`a client that leaves after ${before} and before the handler ends is ${isWhole ? 'not ' : ''}gone`, async () => {
      let handled = () => {};
      const handling = new Promise<void>((resolve) => {
        handled = resolve;
      });
      let count = 0;
      const at = await listen(
        (_, response) => {
          count += 1;
          // What an earlier response wrote on the connection does not count.
          if (count === 1) return response.end('x'.repeat(1_000));
          write(response);
          handled();
        },
        { secure },
      );
      const socket = await dial(at);
      const spans = await serverSpans(2, async () => {
        socket.write(GET);
        await heard(socket, 'x'.repeat(1_000));
        const hearing = text === undefined ? undefined : heard(socket, text);
        socket.write(GET.replace('GET', method));
        await Promise.all([handling, hearing]);
        socket.end();
      });
      const gone = spans.map(({ attributes }) => attributes['socket.failure.cause'] === 'client_gone');
      assert.deepEqual(gone, [false, !isWhole]);
      socket.destroy();
      await at.stop();
    });
  }
}
