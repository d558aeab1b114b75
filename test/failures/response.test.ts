import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { test } from 'node:test';
import { clientSpan } from '../support/sdk';
import { CUT, doesNotFail, type Expected, fails, send, startPeer } from '../support/verdict';

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';

  for (const how of ['cut-fin', 'cut-rst']) {
    for (const method of ['GET', 'POST']) {
      test(`${scheme}: a body that ends too early by ${how}, ${method}: the span is no longer green`, async () => {
        const peer = await startPeer({ secure });
        const expected = { ...CUT, retrySafe: method === 'GET' };
        const { span, errors } = await fails(expected, () => send(peer, `/${how}`, { method }));
        assert.equal(span.attributes['http.response.status_code'], 200);
        assert.ok(span.attributes['error.type'] !== undefined);
        assert.ok(errors.length >= 1);
      });
    }

    test(`${scheme}: a body cut by ${how} on a reused connection is never stale`, async () => {
      const peer = await startPeer({ secure });
      const agent = new (secure ? https : http).Agent({ keepAlive: true });
      await send(peer, '/ok', { agent });
      const { span } = await fails(CUT, () => send(peer, `/${how}`, { agent }));
      assert.equal(span.attributes['socket.reused'], true);
      agent.destroy();
    });
  }

  test(`${scheme}: a cut in the middle of the headers is truncated too`, async () => {
    const peer = await startPeer({ secure });
    await fails(CUT, () => send(peer, '/partial-header'));
  });

  test(`${scheme}: a body that ends with the connection is complete at the FIN, and cut at an RST`, async () => {
    const peer = await startPeer({ secure });
    const span = await doesNotFail(() => send(peer, '/until-fin'));
    assert.equal(span.status.code, 0);
    await fails(CUT, () => send(peer, '/until-rst'));
  });

  test(`${scheme}: a RST after the whole response, which the program has not read, did not cut it`, async () => {
    const peer = await startPeer({ secure });
    const agent = new (secure ? https : http).Agent({ keepAlive: true });
    let response: IncomingMessage | undefined;
    const tap = (request: ClientRequest) => {
      request.on('response', (message) => {
        response = message.pause();
      });
    };
    const expected: Expected = { ...CUT, kind: 'reset', cause: 'unknown' };
    const { span } = await fails(expected, () => send(peer, '/whole-rst', { agent, tap }));
    assert.equal(response?.complete, true);
    assert.match(String(span.attributes['socket.failure.explanation']), /after the whole response had arrived/);
    agent.destroy();
  });

  const garbled: Expected = {
    ...CUT,
    kind: 'protocol',
    cause: 'protocol_mismatch',
    confidence: 'possible',
  };

  test(`${scheme}: an answer that is not HTTP`, async () => {
    const peer = await startPeer({ secure });
    for (const method of ['GET', 'POST'])
      await fails({ ...garbled, retrySafe: method === 'GET' }, () => send(peer, '/garbage', { method }));
  });

  test(`${scheme}: a chunk that is not one: the peer speaks HTTP, only not well`, async () => {
    const peer = await startPeer({ secure });
    const expected: Expected = { ...garbled, cause: 'unknown', confidence: 'possible' };
    const { errors } = await fails(expected, () => send(peer, '/bad-chunk'));
    assert.ok(errors.length >= 1);
    // Node then parses what it had kept, on the next tick.
    const slowly = (request: ClientRequest) =>
      request.on('response', (message) => {
        message.on('data', () => setTimeout(() => message.resume(), 1) && message.pause());
      });
    const { errors: late } = await fails(expected, () => send(peer, '/bad-chunk-late', { tap: slowly }));
    assert.ok(late.length >= 1);
  });

  test(`${scheme}: headers over Node's own limit are a local limit, not a wrong protocol`, async () => {
    const peer = await startPeer({ secure });
    const limit = { kind: 'other', cause: 'local_resource', confidence: 'certain', initiator: 'local' } as const;
    await fails({ ...CUT, ...limit }, () => send(peer, '/big-header'));
  });

  test(`${scheme}: a 413 before the upload ended is an answer, not a failure`, async () => {
    const peer = await startPeer({ secure });
    const span = await doesNotFail(() => send(peer, '/early-413', { method: 'POST', body: Buffer.alloc(8e6) }));
    assert.equal(span.attributes['http.response.status_code'], 413);
  });

  test(`${scheme}: more bytes than the Content-Length says: the error that the program gets has a verdict`, async () => {
    const peer = await startPeer({ secure });
    const framing: Expected = { ...garbled, cause: 'unknown', confidence: 'possible' };
    const { errors } = await fails(framing, () => send(peer, '/too-long'));
    assert.equal(errors.length, 1);
  });

  test(`${scheme}: the body of a redirect that the program throws away is no failure`, async () => {
    const peer = await startPeer({ secure });
    for (const discard of ['response', 'request'] as const) {
      const tap = (request: ClientRequest) => {
        request.on('response', (response) => (discard === 'response' ? response : request).destroy());
      };
      const span = await clientSpan(() => send(peer, '/redirect', { tap }));
      assert.equal(span.attributes['http.response.status_code'], 302);
      assert.equal(span.attributes['socket.reuse_count'], 0);
      assert.equal(span.attributes['socket.failure.kind'], undefined);
    }
  });

  test(`${scheme}: the body of a redirect that nobody reads is no failure when a timer ends it`, async () => {
    const peer = await startPeer({ secure });
    const span = await clientSpan(async () => {
      const { get } = secure ? https : http;
      const options = { port: peer.port, path: '/redirect', agent: false, timeout: 100, rejectUnauthorized: false };
      // A listener that does nothing leaves the response unread.
      const request = get(options).on('response', () => undefined);
      request.on('timeout', () => request.destroy());
      await once(request, 'close');
    });
    assert.equal(span.attributes['http.response.status_code'], 302);
    assert.equal(span.attributes['socket.failure.kind'], undefined);
  });

  test(`${scheme}: a response without a body that the program throws away is no failure`, async () => {
    const peer = await startPeer({ secure });
    for (const discard of ['response', 'request'] as const)
      for (const [target, method] of [
        ['/no-content', 'DELETE'],
        ['/head-only', 'HEAD'],
      ] as const) {
        const tap = (request: ClientRequest) => {
          request.on('response', (response) => (discard === 'response' ? response : request).destroy());
        };
        const span = await clientSpan(() => send(peer, target, { method, tap }));
        assert.equal(span.attributes['socket.failure.kind'], undefined, target);
      }
  });

  test(`${scheme}: a connection that ends after a whole response is no failure`, async () => {
    const peer = await startPeer({ secure });
    await doesNotFail(() => send(peer, '/not-pooled'));
  });
}
