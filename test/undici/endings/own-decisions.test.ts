import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { TestMeter, total } from '../../support/metric-reader';
import { tlsFixture } from '../../support/root';
import { clientSpan, spansOf, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
const meter = new TestMeter();
meter.setGlobal();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

const BUSY = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

for (const { name, copy } of COPIES) {
  test(`${name}: a certificate that the program itself refuses is not the end of the peer`, async () => {
    const shop = await startShop(undefined, { secure: true });
    const pinned = { ca: tlsFixture('cert.pem'), checkServerIdentity: () => new Error('pinned') };
    for (const allowH2 of [false, true]) {
      const dispatcher = new copy.Agent({ allowH2, connect: pinned });
      const { attributes } = await clientSpan(() =>
        assert.rejects(copy.request(shop.url, { dispatcher, method: 'POST', body: 'order' }), /pinned/),
      );
      void dispatcher.destroy();
      const why = String(attributes['socket.failure.explanation']);
      assert.equal(attributes['socket.failure.phase'], 'tls', why);
      assert.notEqual(attributes['socket.failure.initiator'], 'remote', why);
      assert.notEqual(attributes['socket.failure.kind'], 'closed', why);
      assert.equal(attributes['socket.failure.sent'], 'none');
    }
    assert.equal(shop.executed(), 0);
  });

  test(`${name}: a whole answer that the client discards to try again is no failure of its connection`, async () => {
    const shop = await startShop((socket) => socket.write(shop.executed() === 1 ? BUSY : OK));
    const dispatcher = new copy.RetryAgent(new copy.Agent({ connections: 1 }), { minTimeout: 1, maxTimeout: 1 });
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      const { statusCode, body } = await copy.request(shop.url, { dispatcher, method: 'PUT', body: 'order' });
      assert.deepEqual([statusCode, await body.text()], [200, 'ok']);
    });
    void dispatcher.destroy();
    assert.equal(shop.executed(), 2);
    for (const { attributes } of spans)
      assert.ok([undefined, 'local_abort'].includes(attributes['socket.failure.kind'] as string | undefined));
    assert.equal(total(await meter.series(shop.port), 'socket.failures'), 0);
  });

  test(`${name}: a deadline that may be that of the body's source is not the request's for certain`, async () => {
    const shop = await startShop();
    const body = async function* () {
      yield 'order';
      await new Promise((resolve) => setTimeout(resolve, 10));
      throw Object.assign(new Error('late'), { code: 'ETIMEDOUT' });
    };
    const options = () => ({ method: 'POST', body: body() as never, duplex: 'half' });
    for (const send of [copy.request, copy.fetch]) {
      const { attributes } = await clientSpan(() => assert.rejects(send(shop.url, options())));
      assert.equal(attributes['socket.failure.initiator'], 'local');
      assert.equal(attributes['socket.failure.confidence'], 'possible');
    }
  });
}
