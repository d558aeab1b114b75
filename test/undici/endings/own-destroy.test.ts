import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../../src/index';
import { clientSpan, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

/** It closes its handle itself, so that the end is not observed, and Node's counts of it are lost. */
class Own extends net.Socket {
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const own = this as unknown as { _handle: { close(done: () => void): void } | null };
    own._handle?.close(() => this.emit('close', error !== null));
    own._handle = null;
    done(error);
  }
}

type Connect = (options: { readonly port: string }, done: (error: null, socket: net.Socket) => void) => void;
const connect: Connect = ({ port }, done) => {
  const socket = new Own();
  socket.connect(Number(port), '127.0.0.1', () => done(null, socket));
};

for (const { name, copy } of COPIES) {
  for (const how of ['end', 'resetAndDestroy'] as const) {
    test(`${name}: what a socket sent is unknown once its handle is gone, unobserved: ${how}`, async () => {
      const shop = await startShop((socket) => socket[how]());
      const dispatcher = new copy.Agent({ connect });
      let error: unknown;
      await clientSpan(() =>
        copy.request(shop.url, { dispatcher, method: 'POST', body: 'order' }).catch((reason: unknown) => {
          error = reason;
        }),
      );
      assert.equal(shop.executed(), 1);
      const failure = socketFailureOf(error);
      assert.equal(failure?.retrySafe, false, failure?.explanation);
      assert.notEqual(failure?.sent, 'none');
      void dispatcher.destroy();
    });
  }
}
