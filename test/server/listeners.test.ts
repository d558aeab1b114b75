import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { instrument } from '../support/facts/facts-setup';
import { across, GET, heard, serverSpans } from './setup';

const { mine } = instrument({ socket: {} });

const EVENTS = ['newListener', 'removeListener'];
type Adding = 'on' | 'once' | 'addListener' | 'prependListener' | 'prependOnceListener';

/** A response class whose methods of these names are the program's own, and note what they are called with. */
function overriding(names: readonly Adding[], seen: unknown[]): typeof ServerResponse {
  class Own extends http.ServerResponse {}
  for (const name of names) {
    const below = http.ServerResponse.prototype[name];
    Own.prototype[name] = function (this: ServerResponse, ...args: Parameters<typeof below>) {
      seen.push([name, args[0]]);
      return Reflect.apply(below, this, args);
    } as typeof below;
  }
  return Own as typeof ServerResponse;
}

/** What a program that watches its responses sees of two requests, and what their spans got. */
async function watched(names: readonly Adding[]): Promise<{ seen: unknown[]; counts: unknown[] }> {
  const seen: unknown[] = [];
  const server = http.createServer({ ServerResponse: overriding(names, seen) }, (_, response) => {
    for (const event of EVENTS) response.on(event, (name) => seen.push([event, name]));
    response.end('ok');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  const spans = await serverSpans(2, async () => {
    for (let i = 0; i < 2; i += 1) {
      socket.write(GET);
      await heard(socket, 'ok');
    }
  });
  socket.destroy();
  server.close();
  return { seen, counts: across(spans, 'socket.reuse_count') };
}

const OVERRIDDEN: readonly (readonly Adding[])[] = [
  [],
  ['on'],
  ['on', 'once', 'addListener'],
  ['prependListener', 'prependOnceListener'],
];

for (const names of OVERRIDDEN) {
  test(`a program that watches its responses sees none of ours (it overrides: ${names.join(', ')})`, async () => {
    const within = await watched(names);
    assert.deepEqual(within.counts, [0, 1]);
    mine.disable();
    const without = await watched(names);
    mine.enable();
    assert.deepEqual(without.counts, [undefined, undefined]);
    assert.deepEqual(within.seen, without.seen);
  });
}

test('where the program overrides every method that adds listeners, none is called by us', async () => {
  const all: Adding[] = ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'];
  const within = await watched(all);
  mine.disable();
  const without = await watched(all);
  mine.enable();
  assert.deepEqual(within.seen, without.seen);
});

/** A program that replaces methods of its response by functions of its own, and ends it outside of its context. */
async function replaced(isBound: boolean): Promise<unknown[]> {
  const seen: unknown[] = [];
  const endings: (() => void)[] = [];
  const server = http.createServer((_, response) => {
    for (const name of ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'] as const) {
      const theirs = response[name] as unknown as (...args: unknown[]) => ServerResponse;
      const call = isBound ? theirs.bind(response) : theirs;
      response[name] = function (this: ServerResponse, ...args: unknown[]) {
        seen.push([name, args[0]]);
        return Reflect.apply(call, this, args);
      } as never;
    }
    response.on('finish', () => seen.push(response.listenerCount('close')));
    endings.push(() => response.end('ok'));
  });
  // It was started before the request, and does not run in its context.
  const timer = setInterval(() => endings.shift()?.(), 5);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  await serverSpans(1, async () => {
    socket.write(GET);
    await heard(socket, 'ok');
  });
  clearInterval(timer);
  socket.destroy();
  server.close();
  return seen;
}

for (const isBound of [false, true])
  test(`methods that the program puts on its response are not called by us${isBound ? ', nor with a listener' : ''}`, async () => {
    const within = await replaced(isBound);
    mine.disable();
    const without = await replaced(isBound);
    mine.enable();
    assert.deepEqual(within, without);
  });
