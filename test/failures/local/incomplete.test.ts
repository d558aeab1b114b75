import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { ClientRequest } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { type Expected, fails, send, startPeer, warmAgent } from '../../support/verdict';

const INCOMPLETE: Expected = {
  kind: 'closed',
  phase: 'request',
  cause: 'request_incomplete',
  confidence: 'likely',
  initiator: 'remote',
  sent: 'partial',
  retrySafe: false,
};
const GIVEN_UP: Expected = {
  ...INCOMPLETE,
  kind: 'other',
  confidence: 'possible',
  initiator: 'local',
  retrySafe: true,
  shared: true,
};

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';

  test(`${scheme}: an upload shorter than its Content-Length was never complete, whatever time the peer gives it`, async () => {
    const peer = await startPeer({ secure });
    const agent = await warmAgent(peer);
    const headers = { 'content-length': 50 };
    for (const one of [agent, false] as const)
      await fails(INCOMPLETE, () => send(peer, '/drop-fin?60', { agent: one, method: 'POST', body: 'hello', headers }));
  });

  test(`${scheme}: a request whose end() is never called was not dropped on purpose`, async () => {
    const peer = await startPeer({ secure });
    const agent = await warmAgent(peer);
    const options = { method: 'POST', unended: true, tap: (request: ClientRequest) => request.write('half') };
    for (const one of [agent, false] as const)
      await fails({ ...INCOMPLETE, confidence: 'possible' }, () =>
        send(peer, '/drop-fin?80', { agent: one, ...options }),
      );
  });

  test(`${scheme}: the source of the body fails: this process gave up, and the code says why`, async () => {
    const peer = await startPeer({ secure });
    const missing = path.join(__dirname, 'no-such-file');
    const { span } = await fails({ ...GIVEN_UP, sent: 'none', or: { sent: 'partial' } }, () =>
      send(peer, '/ok', {
        method: 'PUT',
        unended: true,
        tap: (request) => {
          const source = fs.createReadStream(missing);
          source.on('error', (error) => request.destroy(error)).pipe(request);
        },
      }),
    );
    assert.match(String(span.attributes['socket.failure.explanation']), /ENOENT/);
  });

  test(`${scheme}: a source that breaks in the middle of the body`, async () => {
    const peer = await startPeer({ secure });
    const agent = await warmAgent(peer);
    const { span } = await fails(GIVEN_UP, () =>
      send(peer, '/hang', {
        method: 'PUT',
        agent,
        unended: true,
        tap: (request) => {
          const source = Readable.from(broken(request));
          source.on('error', (error) => request.destroy(error)).pipe(request);
        },
      }),
    );
    assert.match(String(span.attributes['socket.failure.explanation']), /EIO/);
  });
}

async function* broken(request: ClientRequest): AsyncGenerator<string> {
  yield 'a';
  // The first part has left.
  while (request.socket === null || request.socket.bytesWritten === 0 || request.socket.connecting)
    await new Promise(setImmediate);
  await new Promise((resolve) => setTimeout(resolve, 20));
  throw Object.assign(new Error('i/o error'), { code: 'EIO', syscall: 'read' });
}

for (const [interim, method] of [
  ['early-100', 'POST'],
  ['early-103', 'GET'],
] as const) {
  test(`an interim answer, ${interim}, is no response: the end after it cuts none`, async () => {
    const peer = await startPeer();
    const agent = await warmAgent(peer);
    const { span } = await fails(
      {
        ...INCOMPLETE,
        phase: 'wait',
        cause: 'peer_aborted',
        confidence: 'possible',
        sent: 'full',
        retrySafe: method === 'GET',
      },
      () => send(peer, `/${interim}?60`, { agent, method }),
    );
    assert.equal(span.attributes['http.response.status_code'], undefined);
  });
}
