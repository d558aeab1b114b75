import http, { type Agent } from 'node:http';
import { test } from 'node:test';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { SocketInstrumentation } from '../../src/index';
import { type Call, isIgnored, startTruthSdk, truthRun } from './truth-run';

startTruthSdk();
new HttpInstrumentation({ ignoreOutgoingRequestHook: ({ path }) => isIgnored(path) });
new SocketInstrumentation({ detail: 'full' });
const client: typeof http = require('node:http');

/** One call, redirects followed by hand. */
function call({ url, method, body, abortMs }: Call, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = client.request(url, { agent, method }, (response) => {
      response.on('error', reject);
      response.on('end', () => {
        const { location } = response.headers;
        if (location === undefined) resolve();
        else
          call({ url: location, id: '', method: 'GET', body: undefined, abortMs: undefined }, agent).then(
            resolve,
            reject,
          );
      });
      response.on('close', () => {
        if (!response.complete) reject(new Error('cut'));
      });
      response.resume();
    });
    request.on('error', reject);
    request.end(body);
    if (abortMs === 0) request.destroy();
    else if (abortMs !== undefined) setTimeout(() => request.destroy(), abortMs);
  });
}

for (const maxSockets of [1, 4, Number.POSITIVE_INFINITY]) {
  test(`10,000 calls of http with maxSockets ${maxSockets}: every span tells what the servers saw`, {
    timeout: 120_000,
  }, async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets });
    await truthRun(10_000, 500, 20_261_124, (one) => call(one, agent));
    agent.destroy();
  });
}
