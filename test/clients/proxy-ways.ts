import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http, { type Agent, type AgentOptions } from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { closedPort } from '../support/fresh-port';
import { COPIES, type Undici } from './undici-clients';

// ES modules, which Node 20.19 and up can require.
const { HttpProxyAgent } = require('http-proxy-agent');
const { HttpsProxyAgent } = require('https-proxy-agent');
const { SocksProxyAgent } = require('socks-proxy-agent');

export const ports = { open: 0, denying: 0, socks: 0, closed: 0 };
let stop: () => void;
/** The proxies end all connections of clients while this process looks away. */
export let endUnnoticed: () => void;

before(async () => {
  const proxies = fork(path.join(__dirname, 'proxies.js'));
  const [told] = (await once(proxies, 'message')) as [number[]];
  [ports.open = 0, ports.denying = 0, ports.socks = 0] = told;
  ports.closed = await closedPort();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'proxies-'));
  endUnnoticed = () => {
    const marker = path.join(folder, String(performance.now()));
    proxies.send(marker);
    const freeze = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    while (!fs.existsSync(marker)) freeze(1);
    // The next request finds its connection unusually old.
    freeze(150);
  };
  stop = () => {
    fs.rmSync(folder, { recursive: true });
    proxies.disconnect();
  };
});
after(() => stop());

type Which = keyof typeof ports;

/** Requests through one proxy; rejects with what the library throws. */
interface Way {
  readonly name: string;
  readonly proxy: 'open' | 'socks';
  /** The tunnel ends at the origin; without one the proxy answers itself. */
  readonly tunnel: boolean;
  readonly secure: boolean;
  via(
    proxy: Which,
    options?: AgentOptions,
  ): { get(url: string, timeoutMs?: number): Promise<unknown>; close(): unknown };
}

function agentWay(agent: Agent): ReturnType<Way['via']> {
  const get = (url: string, timeoutMs?: number) =>
    new Promise((resolve, reject) => {
      const send = url.startsWith('https') ? https.get : http.get;
      const request = send(url, { agent, rejectUnauthorized: false }, (response) => {
        response.on('end', resolve).on('error', reject).resume();
      });
      request.on('error', reject);
      if (timeoutMs !== undefined) request.setTimeout(timeoutMs, () => request.destroy());
    });
  return { get, close: () => agent.destroy() };
}

export const NODES_TUNNEL = "Node's own proxy support, https-agent";
const nodes = (proxy: Which) => ({ proxyEnv: { HTTP_PROXY: url(proxy), HTTPS_PROXY: url(proxy) } });
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** Agents take `proxyEnv`: Node 22.21 and 24.5 and up. */
export const HAS_PROXY_ENV = major === 22 ? minor >= 21 : major > 24 || (major === 24 && minor >= 5);

const url = (proxy: Which, scheme = 'http') => `${scheme}://127.0.0.1:${ports[proxy]}`;
const keep = { keepAlive: true };

export const WAYS: readonly Way[] = [
  {
    name: 'http-proxy-agent',
    proxy: 'open',
    tunnel: false,
    secure: false,
    via: (proxy, options) => agentWay(new HttpProxyAgent(url(proxy), { ...keep, ...options })),
  },
  {
    name: 'https-proxy-agent',
    proxy: 'open',
    tunnel: true,
    secure: true,
    via: (proxy, options) => agentWay(new HttpsProxyAgent(url(proxy), { ...keep, ...options })),
  },
  {
    name: 'socks-proxy-agent',
    proxy: 'socks',
    tunnel: true,
    secure: false,
    via: (proxy, options) => agentWay(new SocksProxyAgent(url(proxy, 'socks5'), { ...keep, ...options })),
  },
  ...[
    {
      name: "Node's own proxy support, http-agent",
      proxy: 'open' as const,
      tunnel: false,
      secure: false,
      via: (proxy: Which, options?: AgentOptions) =>
        agentWay(new http.Agent({ ...keep, ...nodes(proxy), ...options } as AgentOptions)),
    },
    {
      name: NODES_TUNNEL,
      proxy: 'open' as const,
      tunnel: true,
      secure: true,
      via: (proxy: Which, options?: AgentOptions) =>
        agentWay(new https.Agent({ ...keep, ...nodes(proxy), ...options } as AgentOptions)),
    },
  ].filter(() => HAS_PROXY_ENV),
  ...COPIES.flatMap((copy) =>
    [false, true].map((secure) => ({
      name: `ProxyAgent of ${copy}, ${secure ? 'https' : 'http'}`,
      proxy: 'open' as const,
      tunnel: true,
      secure,
      via: (proxy: Which) => {
        const { ProxyAgent, request }: Undici = require(copy);
        const dispatcher = new ProxyAgent({ uri: url(proxy), proxyTunnel: true });
        const get = async (target: string, timeoutMs?: number) => {
          const signal = timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) };
          await (await request(target, { dispatcher, ...signal })).body.text();
        };
        return { get, close: () => dispatcher.destroy() };
      },
    })),
  ),
];
