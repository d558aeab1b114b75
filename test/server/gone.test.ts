import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { instrument } from '../support/facts/facts-setup';
import type { EndedSpan } from '../support/sdk';
import { PHASES, POST } from './phases';
import { dial, GET, heard, listen, serverSpans } from './setup';

instrument({ socket: {} });

const HOW: Record<string, (socket: Socket) => void> = {
  FIN: (socket) => socket.end(),
  RST: (socket) => socket.resetAndDestroy(),
};

function assertGone(span: EndedSpan | undefined, how: string, phase: string): void {
  const { attributes, status } = span ?? {};
  assert.equal(attributes?.['socket.failure.cause'], 'client_gone');
  assert.equal(attributes['socket.failure.kind'], how === 'FIN' ? 'closed' : 'reset');
  assert.equal(attributes['socket.failure.phase'], phase);
  // A FIN ends one direction only: after a whole request, the client may still be reading. A RST may be a firewall's.
  const isSure = how === 'FIN' && phase === 'request';
  assert.equal(attributes['socket.failure.confidence'], isSure ? 'certain' : 'likely');
  assert.equal(attributes['socket.failure.initiator'], 'remote');
  assert.equal(typeof attributes['socket.failure.elapsed_ms'], 'number');
  assert.match(String(attributes['socket.failure.explanation']), /client/);
  for (const absent of ['sent', 'retry_safe']) assert.equal(attributes[`socket.failure.${absent}`], undefined);
  assert.equal(attributes['socket.server_timeout_ms'], 5_000);
  assert.equal(attributes['socket.id'] !== undefined && attributes['network.peer.port'] !== undefined, true);
  assert.equal(status?.code, SpanStatusCode.UNSET);
}

for (const secure of [false, true]) {
  for (const { name, sends, answer } of PHASES) {
    for (const [how, leave] of Object.entries(HOW)) {
      // Over TLS an RST ends the TCP connection below.
      if (secure && how === 'RST') continue;
      test(`a client that leaves by ${how}${secure ? ', over TLS,' : ''} in phase ${name} is client_gone`, async () => {
        let handled = () => {};
        const handling = new Promise<void>((resolve) => {
          handled = resolve;
        });
        const at = await listen(
          (request, response) => {
            answer(request, response);
            handled();
          },
          { secure },
        );
        const socket = await dial(at);
        const [span] = await serverSpans(1, async () => {
          socket.write(sends);
          await handling;
          if (name === 'response') await heard(socket, 'half');
          leave(socket);
        });
        assertGone(span, how, name);
        socket.destroy();
        await at.stop();
      });
    }
  }
}

test('pipelined requests without an answer lose their client, answered ones do not', async () => {
  let count = 0;
  const at = await listen((_, response) => {
    count += 1;
    if (count === 1) response.end('ok');
  });
  const socket = await dial(at);
  // Node 20 and 22 never tell a response that is not at the head of the line that its socket is gone: two spans end.
  const spans = await serverSpans(2, async () => {
    socket.write(GET.repeat(3));
    await heard(socket, 'ok');
    socket.resetAndDestroy();
  });
  const gone = spans.filter((span) => span.attributes['socket.failure.kind'] !== undefined);
  assert.deepEqual(gone.map((span) => span.attributes['socket.reuse_count']).sort(), [1, 2].slice(0, spans.length - 1));
  await at.stop();
});

test('a client that closes its side after a whole answer is not gone', async () => {
  const at = await listen((_, response) => response.end('ok'));
  for (const leave of Object.values(HOW)) {
    const socket = await dial(at);
    const [span] = await serverSpans(1, async () => {
      socket.write(GET);
      await heard(socket, 'ok');
      leave(socket);
    });
    assert.equal(span?.attributes['socket.failure.kind'], undefined);
  }
  await at.stop();
});

test('an answer that comes before the request was read to its end is a normal end', async () => {
  const at = await listen((_, response) => response.writeHead(413, { connection: 'close' }).end('no'));
  const socket = await dial(at);
  const [span] = await serverSpans(1, async () => {
    socket.write(POST);
    await heard(socket, 'no');
    socket.destroy();
  });
  assert.equal(span?.attributes['socket.failure.kind'], undefined);
  assert.equal(span?.attributes['socket.reuse_count'], 0);
  await at.stop();
});

test('a server that goes on after the FIN of its client, and then ends the exchange itself, has not lost it', async () => {
  const at = await listen((request, response) =>
    request.socket.once('end', () => setImmediate(() => response.destroy())),
  );
  Object.assign(at.server, { httpAllowHalfOpen: true });
  const socket = await dial(at);
  const [span] = await serverSpans(1, async () => {
    socket.end(GET);
    socket.resume();
    await once(socket, 'close');
  });
  assert.equal(span?.attributes['socket.failure.cause'], undefined);
  assert.ok(Number(span?.attributes['socket.id']) > 0);
  await at.stop();
});

test('a client that leaves while a large answer is being written is gone', async () => {
  for (const leave of [(socket: Socket) => socket.destroy(), (socket: Socket) => socket.resetAndDestroy()]) {
    for (const ms of [0, 5, 10]) {
      const at = await listen((_, response) => response.end(Buffer.alloc(8_000_000)));
      const socket = await dial(at);
      const [span] = await serverSpans(1, async () => {
        const begun = once(at.server, 'request');
        socket.write(GET);
        await begun;
        await new Promise((resolve) => setTimeout(resolve, ms));
        leave(socket);
      });
      assert.equal(span?.attributes['socket.failure.cause'], 'client_gone');
      await at.stop();
    }
  }
});
