import http, { type IncomingMessage } from 'node:http';
import KeepAliveAgent from 'agentkeepalive';
import axios from 'axios';
import { type Ask, testLibrary } from './client-cases';

const { http: following } = require('follow-redirects');
const superagent = require('superagent');

/** One GET with a function like Node's own. */
function getBy(send: typeof http.get, url: string, { agent, timeoutMs }: Ask): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = send(url, { agent }, (response: IncomingMessage) => {
      response.on('end', resolve).on('error', reject).resume();
    });
    request.on('error', reject);
    if (timeoutMs !== undefined) request.setTimeout(timeoutMs, () => request.destroy(new Error('too slow')));
  });
}

testLibrary({
  name: 'axios, http adapter',
  timesOutBy: 'error',
  get: (url, { agent, timeoutMs = 0 }) =>
    axios.get(url, { adapter: 'http', httpAgent: agent, timeout: timeoutMs, proxy: false }),
});

testLibrary({
  name: 'got',
  timesOutBy: 'error',
  get: async (url, { agent, timeoutMs }) => {
    const { default: got } = await import('got');
    const timeout = timeoutMs === undefined ? {} : { timeout: { response: timeoutMs } };
    return got(url, { agent: { http: agent }, retry: { limit: 0 }, ...timeout });
  },
});

testLibrary({
  name: 'node-fetch 2',
  hides: ['stale', 'refused', 'timeout'],
  timesOutBy: 'abort',
  get: async (url, { agent, timeoutMs = 0 }) => {
    const fetch = require('node-fetch2');
    await (await fetch(url, { agent, timeout: timeoutMs })).text();
  },
});

testLibrary({
  name: 'node-fetch 3',
  hides: ['stale', 'refused', 'timeout'],
  timesOutBy: 'abort',
  get: async (url, { agent, timeoutMs }) => {
    const { default: fetch } = await import('node-fetch');
    const signal = timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) };
    await (await fetch(url, { agent, ...signal })).text();
  },
});

testLibrary({
  name: 'superagent',
  hides: ['timeout'],
  timesOutBy: 'abort',
  get: (url, { agent, timeoutMs }) => {
    const request = superagent.get(url).agent(agent);
    return timeoutMs === undefined ? request : request.timeout({ response: timeoutMs });
  },
});

testLibrary({
  name: 'follow-redirects',
  timesOutBy: 'abort',
  get: (url, ask) => getBy(following.get, url, ask),
});

testLibrary({
  name: 'agentkeepalive',
  Agent: KeepAliveAgent as unknown as new (options: http.AgentOptions) => http.Agent,
  get: (url, ask) => getBy(http.get, url, ask),
});
