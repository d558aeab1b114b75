import fs from 'node:fs';
import type { AgentOptions } from 'node:http';
import type { SocketFailure } from '../../src/verdict/failure';
import { chance } from './chance';
import { type Ask, type Client, type ClientKind, makeClient } from './clients';
import { type Path, startPath } from './peers/path';
import { block, type CorpusPeer, type PeerOptions } from './peers/peer';
import { type ProxyKind, startProxy } from './peers/proxies';
import { type Relay, startRelay } from './peers/relay';
import { startScripted } from './peers/scripted';
import { type Truth, truthByLog } from './truth';

export type PeerKind = 'node' | 'scripted' | ProxyKind;

/** A request that may fail; of a cause that is known because the scene made it, or else by the log of the peer. */
export interface Label {
  readonly truth: Truth | undefined;
  readonly method: 'GET' | 'POST';
  readonly sentMs: number;
}

/** What a scene has to play with: peers, clients, chance. All that it started is stopped afterwards. */
export class Stage {
  readonly labels = new Map<string, Label>();
  readonly seed: number;
  /** From 0 to 1, the same for the same seed. */
  readonly random: () => number;
  readonly #name: string;
  readonly #cleaners: (() => unknown)[] = [];
  readonly #peers: CorpusPeer[] = [];
  #count = 0;

  constructor(name: string, seed: number) {
    this.#name = name;
    this.seed = seed;
    this.random = chance(seed);
  }

  between(low: number, high: number): number {
    return Math.round(low + this.random() * (high - low));
  }

  pick<T>(...choices: readonly T[]): T {
    const choice = choices[Math.floor(this.random() * choices.length)];
    if (choice === undefined) throw new Error('nothing to pick from');
    return choice;
  }

  async peer(kind: PeerKind, options: PeerOptions = {}): Promise<CorpusPeer> {
    const isScripted = kind === 'node' || kind === 'scripted';
    const peer = await (isScripted ? startScripted(kind, options) : startProxy(kind, options));
    this.#peers.push(peer);
    this.#cleaners.push(() => peer.stop());
    return peer;
  }

  /** At most one a scene; only in an isolated family. */
  async path(roundTripMs: number): Promise<Path> {
    const path = await startPath(roundTripMs);
    this.#cleaners.push(() => path.stop());
    return path;
  }

  async relay(peers: readonly CorpusPeer[], delayMs: number): Promise<Relay> {
    const relay = await startRelay(peers, delayMs);
    this.#cleaners.push(() => relay.stop());
    return relay;
  }

  client(
    { host, port }: { host: string; port: number },
    kind: ClientKind = 'http',
    options: AgentOptions = {},
  ): Client {
    const client = makeClient(kind, `${kind === 'https' ? 'https' : 'http'}://${host}:${port}`, options);
    this.#cleaners.push(() => client.close());
    return client;
  }

  id(): string {
    this.#count += 1;
    return `${this.#name.replace(/\W+/g, '-')}.${this.seed}.${this.#count}`;
  }

  /** Requests at once, so that as many connections are pooled when it resolves. */
  async fill(client: Client, connections: number, path = '/slow/40'): Promise<void> {
    await Promise.all(Array.from({ length: connections }, () => this.#answered(client, path)));
    await this.turn();
  }

  /** One request after the other, each on a connection that the peer then closes for idleness: the limit gets known. */
  async learn(client: Client, idleMs: number, closures = 3): Promise<void> {
    for (let i = 0; i < closures; i += 1) {
      await this.#answered(client);
      await this.wait(idleMs + 150);
    }
  }

  /** On a busy machine a request may meet an end of its connection that is not meant for it: then it is sent again. */
  async #answered(client: Client, path = '/ok'): Promise<void> {
    const send = () => client.send({ path, id: this.id() });
    await send().catch(send).catch(send);
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Lets what is over be tidied up, and resolves inside a callback of the poll phase: what is sent now is not checked first. */
  async turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await new Promise((resolve) => fs.stat('.', resolve));
  }

  /** Requests of a fate that is known, now or afterwards, all in this very tick; resolves when all have ended, however. */
  async strike(
    truth: Truth | undefined,
    client: Client,
    count: number,
    ask: Partial<Ask> = {},
    whose: 'bystander' | 'own' = 'own',
  ): Promise<void> {
    const sent = Array.from({ length: count }, () => {
      const id = `${whose}.${this.id()}`;
      const method = ask.method ?? this.pick('GET', 'POST');
      const body = ask.body ?? (method === 'POST' ? Buffer.alloc(this.pick(0, 10, 2_000)) : undefined);
      this.labels.set(id, { truth, method, sentMs: performance.now() });
      return client.send({ ...ask, method, ...(body === undefined ? {} : { body }), id }).catch(() => undefined);
    });
    await Promise.all(sent);
  }

  block(ms: number): void {
    block(ms);
  }

  /** What the applications behind all peers got to see. */
  processed(): ReadonlySet<string> {
    return new Set(this.#peers.flatMap((peer) => [...peer.processed()]));
  }

  /** The true cause of a request's failure; undefined if nobody can say. */
  truth(id: string, failure: SocketFailure, endedMs: number): Truth | undefined {
    const { truth, sentMs = 0 } = this.labels.get(id) ?? {};
    return truth ?? truthByLog(id, { failure, sentMs, endedMs }, this.#peers);
  }

  async end(): Promise<void> {
    for (const clean of this.#cleaners.reverse()) await clean();
  }
}
