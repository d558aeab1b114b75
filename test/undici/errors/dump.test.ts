import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { clientSpan, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES, type Dispatcher } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation();
new UndiciInstrumentation();

interface WithDump {
  readonly Agent: new (options: object) => Dispatcher & { compose(interceptor: unknown): Dispatcher };
  readonly interceptors: { dump(): unknown };
}

for (const { name, copy } of COPIES) {
  test(`${name}: the handler of the dump interceptor has a reason, which is not that of a signal`, async () => {
    const { Agent, interceptors } = copy as unknown as WithDump;
    const { url } = await startShop();
    const dispatcher = new Agent({ headersTimeout: 100 }).compose(interceptors.dump());
    const { attributes } = await clientSpan(() =>
      copy.request(url, { dispatcher, method: 'POST', body: 'order' }).catch(() => undefined),
    );
    const [kind, cause, confidence] = ['kind', 'cause', 'confidence'].map((key) => attributes[`socket.failure.${key}`]);
    assert.deepEqual([kind, cause, confidence], ['local_timeout', 'client_timeout', 'certain']);
  });
}
