import assert from 'node:assert/strict';
import https from 'node:https';
import { after, test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { listen } from '../../support/fresh-port';
import { tlsFixture } from '../../support/root';
import { clientSpan, startSdk } from '../../support/sdk';
import { COPIES } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation();
new UndiciInstrumentation();

for (const { name, copy } of COPIES) {
  // TLS 1.3: the client is done with the handshake before the server refuses it.
  test(`${name}: a server that wants a certificate of the client has not just closed the connection`, async () => {
    const pem = { key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') };
    const server = https.createServer({ ...pem, ca: pem.cert, requestCert: true, rejectUnauthorized: true });
    const port = await listen(server);
    after(() => server.close());
    const dispatcher = new copy.Agent({ connect: { rejectUnauthorized: false } });
    after(() => dispatcher.destroy());
    const { attributes } = await clientSpan(() =>
      copy.request(`https://127.0.0.1:${port}/`, { dispatcher }).catch(() => undefined),
    );
    const explanation = String(attributes['socket.failure.explanation']);
    assert.equal(attributes['socket.failure.kind'], 'tls', explanation);
    assert.equal(attributes['socket.failure.cause'], 'tls_failed');
    assert.match(explanation, /Give this client a certificate that the server accepts/);
  });
}
