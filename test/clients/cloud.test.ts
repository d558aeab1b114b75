import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { HttpConnection, Transport, UndiciConnection, WeightedConnectionPool } from '@elastic/transport';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Ask, type Library, testLibrary } from './client-cases';
import { inPollPhase } from './undici-clients';

/** What the peer answers is no STS response: an answer is all that counts here. */
function isAnswer(error: unknown): boolean {
  return (error as { $response?: { statusCode?: number } }).$response?.statusCode === 200;
}

testLibrary({
  name: 'AWS SDK v3 (STS)',
  timesOutBy: 'error',
  method: 'POST',
  get: async (url, { agent, timeoutMs }) => {
    const limit = timeoutMs === undefined ? {} : { requestTimeout: timeoutMs, throwOnRequestTimeout: true };
    const client = new STSClient({
      endpoint: url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ httpAgent: agent as never, ...limit }),
    });
    await client.send(new GetCallerIdentityCommand({})).catch((error: unknown) => {
      if (!isAnswer(error)) throw error;
    });
  },
});

testLibrary({
  name: 'gaxios',
  hides: ['stale', 'refused', 'timeout'],
  timesOutBy: 'abort',
  get: async (url, { agent, timeoutMs }) => {
    const { request } = await import('gaxios');
    await request({ url, agent, retry: false, ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) });
  },
});

/** One connection class, with a pool that lives as long as the agent of the test. */
function elastic(Connection: typeof HttpConnection | typeof UndiciConnection): Library['get'] {
  const transports = new WeakMap<Ask['agent'], Transport>();
  return async (url, { agent, timeoutMs }) => {
    const { origin, pathname } = new URL(url);
    let transport = transports.get(agent);
    if (transport === undefined) {
      const connectionPool = new WeightedConnectionPool({ Connection });
      connectionPool.addConnection({
        url: new URL(origin),
        ...(Connection === HttpConnection ? { agent: () => agent } : {}),
      } as never);
      transport = new Transport({ connectionPool, maxRetries: 0 });
      transports.set(agent, transport);
    }
    const limit = timeoutMs === undefined ? {} : { requestTimeout: timeoutMs };
    await transport.request({ method: 'GET', path: pathname }, limit);
  };
}

testLibrary({
  name: '@elastic/transport, HttpConnection',
  hides: ['stale', 'refused', 'timeout'],
  get: elastic(HttpConnection),
});

testLibrary({
  name: '@elastic/transport, UndiciConnection',
  hides: ['stale', 'refused', 'timeout'],
  timesOutBy: 'abort',
  stale: (peer, send) =>
    inPollPhase(() => {
      peer.endUnnoticed('fin');
      return send();
    }),
  get: elastic(UndiciConnection),
});
