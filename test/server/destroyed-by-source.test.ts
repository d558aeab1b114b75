import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import type { ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { after, test } from 'node:test';
import { createGzip } from 'node:zlib';
import { instrument } from '../support/facts/facts-setup';
import { dial, GET, listen, serverSpans } from './setup';

instrument({ socket: {} });

const ignore = () => undefined;
/** Reading a directory fails: a system call named `read`, like that of a socket. */
const broken = () => fs.createReadStream(__dirname);

let onReset: () => unknown = ignore;
/** Answers, and then resets the connection, or does so at once. */
const upstream = net.createServer((socket) => {
  socket.on('error', ignore).once('data', (bytes) => {
    if (String(bytes) !== 'reset') return socket.write('half', () => setTimeout(() => socket.resetAndDestroy(), 20));
    socket.resetAndDestroy();
    return onReset();
  });
});
after(() => upstream.close());

function proxied(): Socket {
  const socket = net.connect((upstream.address() as AddressInfo).port, '127.0.0.1');
  socket.write('request');
  return socket;
}

/** Each ends the response with the error of its source; the client stays and waits. */
const SOURCES: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  'a file': (response) => pipeline(broken(), response, ignore),
  'a file, compressed': (response) => pipeline(broken(), createGzip(), response, ignore),
  'a file, with promises': (response) => piped(broken(), response).catch(ignore),
  'an upstream connection': (response) => pipeline(proxied(), response, ignore),
  'an iterator over an upstream connection': (response) => pipeline(Readable.from(proxied()), response, ignore),
  'a file whose error is handed over': (response) =>
    broken().on('error', response.destroy.bind(response)).pipe(response),
  'a write elsewhere, which fails': (response) => {
    const socket = net.connect((upstream.address() as AddressInfo).port, '127.0.0.1').on('error', ignore);
    socket.write('reset');
    onReset = () => socket.write('more', (error) => response.destroy(error ?? undefined));
  },
};

for (const [name, answer] of Object.entries(SOURCES)) {
  for (const hasBegun of [false, true]) {
    test(`the source of a response fails (${name}${hasBegun ? ', begun' : ''}): the client is not gone`, async () => {
      if (!upstream.listening) await once(upstream.listen(0, '127.0.0.1'), 'listening');
      let isComplete: boolean | undefined;
      const at = await listen((_, response) => {
        response.on('error', ignore).on('close', () => {
          isComplete = response.writableEnded;
        });
        if (hasBegun) response.write('begun');
        answer(response);
      });
      const socket = await dial(at);
      const [span] = await serverSpans(1, async () => {
        socket.resume().write(GET);
        await once(socket, 'close');
      });
      assert.equal(isComplete, false);
      const told = Object.keys(span?.attributes ?? {}).filter((key) => key.startsWith('socket.failure.'));
      assert.deepEqual(told, []);
      assert.equal(span?.attributes['socket.reused'], false);
      await at.stop();
    });
  }
}
