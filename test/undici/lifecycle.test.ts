import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, type SocketInstrumentationConfig } from '../../src/index';
import { processState } from '../../src/observe/process/process-state';
import { socketAttributes } from '../support/facts/facts-server';
import { TestMeter, total } from '../support/metric-reader';
import { clientSpan, spansOf, startSdk } from '../support/sdk';
import { CLIENTS, COPIES } from '../support/undici-copies';
import { agrees, closedUrl, startWitness } from '../support/undici-witness';

const meter = new TestMeter();
meter.setGlobal();
startSdk();
new UndiciInstrumentation();
const socket = (config: SocketInstrumentationConfig = {}) => new SocketInstrumentation({ detail: 'full', ...config });
const portOf = (url: string) => Number(new URL(url).port);
const OWN = ['client:beforeConnect', 'client:connected', 'client:connectError'];

for (const { name, send } of CLIENTS) {
  test(`${name}: disabled while requests are on their way: all spans are fine, and have no facts from then on`, async () => {
    const witness = await startWitness();
    const instrumentation = socket();
    const spans = await spansOf(SpanKind.CLIENT, 4, async () => {
      const sent = ['/slow?1', '/slow?2', '/vanish?3', '/redirect?4'].map((path) =>
        send(witness.url + path).catch(() => ''),
      );
      while (witness.seen.size < 3) await new Promise(setImmediate);
      instrumentation.disable();
      await Promise.all(sent);
    });
    assert.equal(processState.origins.of('http:', '127.0.0.1', portOf(witness.url)).inUse, 0);
    for (const span of spans.filter(({ attributes }) => attributes['url.query'] !== '?3')) {
      if (Object.keys(socketAttributes(span)).length > 0) agrees(span, witness);
    }
  });

  test(`${name}: enabled while a request is on its way: that one has no facts, the next on its connection no count`, async () => {
    const witness = await startWitness();
    let instrumentation: SocketInstrumentation | undefined;
    const first = await clientSpan(async () => {
      const sent = send(`${witness.url}/slow`);
      while (witness.seen.size === 0) await new Promise(setImmediate);
      instrumentation = socket();
      await sent;
    });
    assert.deepEqual(socketAttributes(first), {});
    await new Promise(setImmediate);
    const second = await clientSpan(() => send(`${witness.url}/second`));
    const seen = witness.seen.get('/second')?.[0];
    assert.equal(second.attributes['network.local.port'], seen?.port);
    assert.equal(second.attributes['socket.reuse_count'], seen?.number === 0 ? 0 : undefined);
    instrumentation?.disable();
  });

  test(`${name}: of two instances the first reports, with its options and metrics; then the next takes over`, async () => {
    const witness = await startWitness();
    const told: string[] = [];
    const first = socket({ detail: 'essential', failureHook: () => told.push('first') });
    const second = socket({ metrics: false, failureHook: () => told.push('second') });
    const ask = (url: string) => clientSpan(() => send(url).catch(() => ''));
    assert.equal((await ask(`${witness.url}/one`)).attributes['network.local.port'], undefined);
    await ask(await closedUrl());
    assert.deepEqual(told, ['first']);
    first.disable();
    assert.notEqual((await ask(`${witness.url}/two`)).attributes['network.local.port'], undefined);
    await ask(await closedUrl());
    assert.deepEqual(told, ['first', 'second']);
    second.disable();
  });

  test(`${name}: undici: false observes nothing`, async () => {
    const witness = await startWitness();
    const instrumentation = socket({ undici: false });
    for (const one of OWN) assert.equal(channel(`undici:${one}`).hasSubscribers, false);
    assert.equal(Object.hasOwn(channel('undici:request:create'), 'publish'), false);
    assert.deepEqual(socketAttributes(await clientSpan(() => send(`${witness.url}/`))), {});
    assert.deepEqual(await meter.series(portOf(witness.url)), []);
    instrumentation.disable();
  });

  test(`${name}: two instances count a request and its failure once`, async () => {
    const witness = await startWitness();
    const closed = await closedUrl();
    const both = [socket(), socket()];
    const from = await meter.series(portOf(witness.url));
    assert.deepEqual(from, []);
    await clientSpan(() => send(`${witness.url}/first`));
    await new Promise(setImmediate);
    await clientSpan(() => send(`${witness.url}/second`));
    await clientSpan(() => assert.rejects(send(`${closed}/refused`)));
    await new Promise(setImmediate);
    const series = await meter.series(portOf(witness.url));
    assert.equal(total(series, 'http.client.open_connections', { 'http.connection.state': 'idle' }), 1);
    assert.equal(total(series, 'http.client.open_connections'), 1);
    assert.equal(total(series, 'socket.idle', { 'socket.outcome': 'ok' }), 1);
    assert.equal(total(series, 'socket.failures'), 0);
    const refused = await meter.series(portOf(closed));
    assert.equal(total(refused, 'socket.failures', { 'socket.failure.kind': 'refused' }), 1);
    assert.equal(total(refused, 'socket.failures'), 1);
    assert.equal(total(refused, 'http.client.open_connections'), 0);
    for (const one of both) one.disable();
  });

  test(`${name}: a request that a pooled connection failed is one failure, on a reused connection, and one closing`, async () => {
    const witness = await startWitness();
    const instrumentation = socket();
    await clientSpan(() => send(`${witness.url}/first`));
    await new Promise(setImmediate);
    await clientSpan(() => assert.rejects(send(`${witness.url}/drop`)));
    const series = await meter.series(portOf(witness.url));
    assert.equal(total(series, 'socket.failures', { 'socket.reused': true }), 1);
    assert.equal(total(series, 'socket.failures'), 1);
    assert.equal(total(series, 'socket.closes'), 1);
    assert.equal(total(series, 'http.client.open_connections'), 0);
    assert.equal(series.find((one) => one.name === 'socket.connection.requests')?.sum, 2);
    instrumentation.disable();
  });
}

for (const { name, copy } of COPIES) {
  test(`${name}: a connection that its idle timeout closed is a closing by us`, async () => {
    const witness = await startWitness();
    const instrumentation = socket();
    const dispatcher = new copy.Client(witness.url, { keepAliveTimeout: 50 });
    await clientSpan(async () => (await copy.request(witness.url, { dispatcher })).body.dump());
    while (witness.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const series = await meter.series(portOf(witness.url));
    const closing = { 'http.connection.state': 'idle', 'socket.close.initiator': 'local' };
    assert.equal(total(series, 'socket.closes', closing), 1);
    assert.equal(total(series, 'socket.closes'), 1);
    await dispatcher.destroy();
    instrumentation.disable();
  });
}
