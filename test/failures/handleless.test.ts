import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { type SocketFailure, socketFailureOf } from '../../src/index';
import { clientSpan } from '../support/sdk';
import { doesNotFail, send, startPeer } from '../support/verdict';

/** A socket whose bytes go through JavaScript, as those of an SSH channel: it has no handle, and a writer of its own. */
class Tunnel extends net.Socket {
  readonly #below: net.Socket;

  constructor(port: number) {
    super();
    const below = net.connect(port, '127.0.0.1');
    below.on('data', (data) => this.push(data)).on('end', () => this.push(null));
    below.on('error', (error) => this.destroy(error)).on('close', () => this.destroy());
    this.#below = below;
  }

  override _read(): void {}

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#below.write(chunk, encoding, done);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.#below.write(
      Buffer.concat(
        chunks.map(({ chunk, encoding }) =>
          Buffer.from(chunk as never, encoding === ('buffer' as never) ? undefined : encoding),
        ),
      ),
      done,
    );
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#below.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#below.destroy();
    super._destroy(error, (caught) => done(caught));
  }
}

/** What a mocking library hands out: it answers from memory, with a body that ends with the connection. */
class Mocked extends net.Socket {
  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    done();
    if (!String(chunk).includes('\r\n\r\n')) return;
    setImmediate(() => {
      this.push('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello');
      setImmediate(() => {
        this.push(null);
        this.destroySoon();
      });
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    done();
  }
}

const agentOf = (createConnection: () => Duplex) =>
  Object.assign(new http.Agent({ keepAlive: true }), { createConnection });

function knowsNothing(failure: SocketFailure | undefined): void {
  const { kind, cause, confidence, initiator, sent, retrySafe, connection } = failure ?? {};
  assert.deepEqual(
    { kind, cause, confidence, initiator, retrySafe },
    { kind: 'other', cause: 'unknown', confidence: 'possible', initiator: 'unknown', retrySafe: false },
  );
  assert.equal(sent, undefined);
  assert.deepEqual(connection, {});
}

test('a POST through a tunnel in JavaScript that the peer dropped: nothing is known, and nothing is said to be unsent', async () => {
  const peer = await startPeer();
  const agent = agentOf(() => new Tunnel(peer.port));
  const span = await clientSpan(async () => {
    const { error } = await send(peer, '/drop-fin', { agent, method: 'POST' });
    knowsNothing(socketFailureOf(error));
  });
  assert.equal(peer.requests, 1);
  assert.equal(span.attributes['socket.failure.sent'], undefined);
  assert.equal(span.attributes['socket.id'], undefined);
});

test('answers through a tunnel in JavaScript, and of a mock, are no failures and have no connection', async () => {
  const peer = await startPeer();
  for (const agent of [agentOf(() => new Tunnel(peer.port)), agentOf(() => new Mocked())]) {
    for (let round = 0; round < 2; round += 1) {
      const span = await doesNotFail(() => send(peer, '/ok', { agent }));
      assert.equal(span.attributes['http.response.status_code'], 200);
      assert.equal(span.attributes['socket.id'], undefined);
    }
    agent.destroy();
  }
});

const DROPS: Readonly<Record<string, (duplex: Duplex) => void>> = {
  close: (duplex) => duplex.destroy(),
  error: (duplex) => duplex.destroy(new Error('channel closed by the other side')),
  end: (duplex) => duplex.push(null),
};

for (const how in DROPS) {
  test(`a stream that the other side dropped with ${how} was not cancelled by this process`, async () => {
    const agent = agentOf(() => {
      const duplex: Duplex = new Duplex({
        read() {},
        write(_chunk, _encoding, done) {
          done();
          setImmediate(() => DROPS[how]?.(duplex));
        },
      });
      for (const name of ['setKeepAlive', 'setNoDelay', 'setTimeout', 'ref', 'unref'])
        Object.assign(duplex, { [name]: () => duplex });
      return duplex;
    });
    await clientSpan(async () => {
      const { error } = await send({ port: 80, secure: false }, '/ok', { agent });
      const { initiator, cause } = socketFailureOf(error) ?? {};
      assert.deepEqual({ initiator, cause }, { initiator: 'unknown', cause: 'unknown' });
    });
  });
}
