import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { socketFailureOf } from '../../src/index';
import { startShop } from '../support/shop';
import '../support/verdict';

/** A POST that a server executes and drops, sent as `change` makes it of a GET. */
async function failedAs(change: (request: http.ClientRequest) => void): Promise<unknown> {
  const shop = await startShop((socket) => socket.resetAndDestroy());
  const error = await new Promise((resolve) => {
    const request = http.request(shop.url, (response) => response.resume());
    request.on('error', resolve);
    change(request);
    request.once('socket', () => request.end('order'));
  });
  assert.equal(shop.executed(), 1);
  return error;
}

test('the method that was sent decides, not the one that the request was made with', async () => {
  const set = (request: http.ClientRequest): void => {
    request.method = 'POST';
  };
  for (const change of [set, (request: http.ClientRequest) => request.once('socket', () => set(request))]) {
    const failure = socketFailureOf(await failedAs(change));
    assert.equal(failure?.retrySafe, false, failure?.explanation);
    assert.match(String(failure?.explanation), /may have executed this POST\.$/);
  }
});

test('what is set after the header was made is not what was sent', async () => {
  const failure = socketFailureOf(
    await failedAs((request) => {
      request.method = 'POST';
      request.flushHeaders();
      request.method = 'GET';
    }),
  );
  assert.equal(failure?.retrySafe, false, failure?.explanation);
});
