import assert from 'node:assert/strict';
import http, { type Agent } from 'node:http';
import https from 'node:https';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { ask, type FactsServer, type Seen, startFactsServer } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import { type EndedSpan, spansOf } from '../support/sdk';

instrument();

const REQUESTS = 150;
const idOf = ({ attributes }: EndedSpan) => new URL(String(attributes['url.full'])).searchParams.get('id');

/** Waves of requests: short and long ones, some that close, some with a body, one in five followed by one that is aborted at once. */
async function mixed(server: FactsServer, agent: Agent): Promise<Map<string, Seen>> {
  const truth = new Map<string, Seen>();
  const one = async (id: number) => {
    const method = ['GET', 'POST', 'DELETE'][id % 3] ?? 'GET';
    const query = `/?id=${id}&wait=${id % 4}${id % 17 === 0 ? '&close' : ''}`;
    truth.set(
      String(id),
      await ask(server, query, { agent, method }, method === 'POST' ? 'x'.repeat(id * 50) : undefined),
    );
    if (id % 5 === 0) {
      const aborted = (server.secure ? https : http).get({ ...server.at, agent, rejectUnauthorized: false });
      aborted.on('error', () => undefined);
      aborted.destroy();
    }
  };
  for (let id = 0; id < REQUESTS; id += 15) {
    await Promise.all(Array.from({ length: 15 }, (_, i) => one(id + i)));
  }
  return truth;
}

for (const secure of [false, true]) {
  for (const maxSockets of [1, 4, Number.POSITIVE_INFINITY]) {
    test(`every span tells what the ${secure ? 'https' : 'http'} server saw, maxSockets ${maxSockets}`, async (t) => {
      const server = await startFactsServer({ secure });
      const agent = new (secure ? https : http).Agent({ keepAlive: true, maxSockets });
      t.after(() => {
        agent.destroy();
        return server.stop();
      });
      let truth = new Map<string, Seen>();
      const spans = await spansOf(SpanKind.CLIENT, REQUESTS, async () => {
        truth = await mixed(server, agent);
      });
      const told = new Map(spans.filter(idOf).map((span) => [idOf(span), span.attributes]));
      assert.equal(told.size, REQUESTS);
      const ids = new Map<unknown, unknown>();
      for (const [id, seen] of truth) {
        const attributes = told.get(id);
        assert.equal(attributes?.['network.local.port'], seen.port, `port of request ${id}`);
        assert.equal(attributes?.['socket.reuse_count'], seen.number, `count of request ${id}`);
        assert.equal(attributes?.['socket.reused'], seen.number > 0);
        assert.equal(attributes?.['socket.idle_ms'] === undefined, seen.number === 0);
        assert.equal(attributes?.['socket.failure.kind'], undefined);
        assert.equal(ids.get(attributes?.['socket.id']) ?? seen.port, seen.port, 'one number, one connection');
        ids.set(attributes?.['socket.id'], seen.port);
      }
    });
  }
}
