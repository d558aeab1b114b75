import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { context, SpanKind, trace } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace';
import { type EndedSpan, ended, startSdk } from '../support/sdk';
import type { Seen } from './truth-server';

const ORIGINS = 20;

/** One call, drawn at random. Its id is in the URL, hence on the span and in the server's log. */
export interface Call {
  readonly url: string;
  readonly id: string;
  readonly method: 'GET' | 'POST';
  readonly body: string | undefined;
  /** Cancelled so many ms after it was made; 0: at once. */
  readonly abortMs: number | undefined;
}

/** Spans of URLs with this word are not recorded. */
const sampler: Sampler = {
  shouldSample: (...args) => ({ decision: JSON.stringify(args[4] ?? {}).includes('unsampled') ? 0 : 2 }),
  toString: () => 'by URL',
};

export function startTruthSdk(): void {
  startSdk({ sampler });
}

export function isIgnored(target: unknown): boolean {
  return String(target).includes('ignored');
}

/** mulberry32: the same calls for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function draw(number: number, random: () => number, ports: readonly number[]): Call {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const kind = random();
  const word = kind < 0.1 ? 'ignored' : kind < 0.2 ? 'unsampled' : 'call';
  const id = `${word}-${number}`;
  const deed = random();
  const todo =
    deed < 0.15
      ? `&do=redirect&to=${pick(ports)}`
      : deed < 0.25
        ? '&do=close'
        : deed < 0.45
          ? `&do=slow&ms=${Math.floor(random() * 8)}`
          : `&size=${Math.floor(random() * 40_000)}`;
  const method = random() < 0.25 ? 'POST' : 'GET';
  const abort = random();
  return {
    id,
    url: `http://127.0.0.1:${pick(ports)}/?id=${id}${todo}`,
    method,
    body: method === 'POST' ? 'x'.repeat(Math.floor(random() * 30_000)) : undefined,
    abortMs: abort < 0.04 ? 0 : abort < 0.15 ? random() * 6 : undefined,
  };
}

/** Makes `count` calls, `atOnce` of them at once, to many origins, and holds every span against what the servers saw. */
export async function truthRun(
  count: number,
  atOnce: number,
  seed: number,
  call: (one: Call) => Promise<unknown>,
): Promise<void> {
  const servers = fork(path.join(__dirname, 'truth-server.js'), [String(ORIGINS)]);
  const [ports] = (await once(servers, 'message')) as [number[]];
  const random = randomOf(seed);
  const from = ended.length;
  let made = 0;
  let answered = 0;
  const tracer = trace.getTracer('program');
  const worker = async () => {
    while (made < count) {
      const one = draw(made++, random, ports);
      // The program's own spans must stay as they are; every third call has none.
      const parent = made % 3 === 0 ? undefined : tracer.startSpan('own', { kind: SpanKind.CLIENT });
      const active = parent === undefined ? context.active() : trace.setSpan(context.active(), parent);
      await context.with(active, () =>
        call(one).then(
          () => {
            answered += 1;
          },
          () => undefined,
        ),
      );
      parent?.end();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  servers.send('log');
  const [log] = (await once(servers, 'message')) as [Seen[]];
  servers.disconnect();
  assert.ok(answered > count * 0.8, `only ${answered} of ${count} calls were answered`);
  compare(ended.slice(from), log, `seed ${seed}`);
}

function idOf({ attributes }: EndedSpan): string | undefined {
  const url = attributes['url.full'];
  return typeof url === 'string' ? (new URL(url).searchParams.get('id') ?? undefined) : undefined;
}

function compare(spans: readonly EndedSpan[], log: readonly Seen[], seed: string): void {
  const byId = new Map(log.map((seen) => [seen.id, seen]));
  assert.equal(byId.size, log.length, `${seed}: a server saw a request twice`);
  const connections = new Map<unknown, number>();
  let compared = 0;
  for (const span of spans) {
    const { attributes } = span;
    const id = idOf(span);
    const about = `${seed}, ${id ?? span.name}: `;
    if (id === undefined) {
      assert.deepEqual(
        Object.keys(attributes).filter((key) => /^(socket|network)\./.test(key)),
        [],
        about,
      );
      continue;
    }
    assert.doesNotMatch(id, /ignored|unsampled/);
    const seen = byId.get(id);
    const isAnswered = attributes['http.response.status_code'] !== undefined;
    // Whoever got an answer was seen; whoever was cancelled may have been.
    assert.ok(seen !== undefined || !isAnswered, about);
    // A request that was cancelled before the server read it: written or not, the server cannot tell.
    if (seen === undefined) continue;
    assert.equal(attributes['network.local.port'], seen.port, `${about}port`);
    assert.equal(attributes['socket.reuse_count'], seen.number, `${about}requests before it`);
    assert.equal(connections.get(attributes['socket.id']) ?? seen.connection, seen.connection, `${about}connection`);
    connections.set(attributes['socket.id'], seen.connection);
    compared += 1;
  }
  assert.equal(new Set(connections.values()).size, connections.size, `${seed}: a connection with two numbers`);
  const recorded = log.filter(({ id }) => id.startsWith('call')).length;
  assert.equal(compared, recorded, `${seed}: a request that a server saw has no span`);
}
