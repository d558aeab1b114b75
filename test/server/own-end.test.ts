import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { instrument } from '../support/facts/facts-setup';
import { PHASES, POST } from './phases';
import { dial, GET, heard, listen, serverSpans } from './setup';

instrument({ socket: {} });

for (const secure of [false, true]) {
  for (const isUsed of [false, true]) {
    for (const [what, sends] of Object.entries({ 'a whole request': GET, 'half a request': POST })) {
      const name = `a server that ends ${isUsed ? 'an idle' : 'a silent new'} connection${secure ? ' of TLS' : ''}`;
      // The client closes its side because it has seen that of the server.
      test(`${name} as ${what} comes has not lost its client`, async () => {
        let answers = isUsed ? 1 : 0;
        const at = await listen(
          (request, response) => {
            request.on('error', () => undefined).resume();
            if (answers > 0) response.end('ok');
            answers -= 1;
          },
          { secure },
        );
        const accepted = once(at.server, secure ? 'secureConnection' : 'connection');
        const client = await dial(at);
        const [own] = (await accepted) as [Socket];
        client.resume();
        const spans = await serverSpans(isUsed ? 2 : 1, async () => {
          if (isUsed) {
            client.write(GET);
            await heard(client, 'ok');
          }
          client.write(sends);
          own.end();
          await once(client, 'close');
        });
        const { attributes } = spans.at(-1) ?? {};
        assert.equal(
          attributes?.['socket.failure.cause'],
          undefined,
          String(attributes?.['socket.failure.explanation']),
        );
        assert.equal(attributes?.['socket.reuse_count'], isUsed ? 1 : 0);
        await at.stop();
      });
    }
  }
}

const ENDS: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {
  'destroys its response': (_, response) => response.destroy(),
  'destroys its socket': (request) => request.socket.destroy(),
  'destroys a response that it has begun': (_, response) => response.write('x', () => response.destroy()),
  'has a timeout': (request) => request.socket.setTimeout(20, () => request.socket.destroy()),
};

for (const [how, end] of Object.entries(ENDS)) {
  test(`a server that ${how} has not lost its client: its span has its connection, and no failure`, async () => {
    const at = await listen(end);
    const socket = await dial(at);
    const [span] = await serverSpans(1, async () => {
      socket.write(GET);
      socket.resume();
      await once(socket, 'close');
    });
    const { attributes = {} } = span ?? {};
    assert.deepEqual(
      Object.keys(attributes).filter((name) => name.startsWith('socket.failure')),
      [],
    );
    assert.ok(Number(attributes['socket.id']) > 0);
    assert.equal(attributes['socket.reuse_count'], 0);
    assert.equal(attributes['socket.reused'], false);
    assert.ok(Number(attributes['socket.age_ms']) >= 0);
    await at.stop();
  });
}

for (const { name, sends, answer } of PHASES)
  test(`a server that ends the socket below TLS in phase ${name} has not lost its client`, async () => {
    const below: Socket[] = [];
    const at = await listen(answer, { secure: true });
    at.server.on('connection', (socket: Socket) => below.push(socket));
    const socket = await dial(at);
    const [span] = await serverSpans(1, async () => {
      socket.write(sends);
      socket.resume();
      setTimeout(() => below.at(-1)?.end(), 50);
      await once(socket, 'close');
    });
    assert.ok(Number(span?.attributes['socket.id']) > 0);
    assert.equal(span?.attributes['socket.failure.kind'], undefined);
    await at.stop();
  });
