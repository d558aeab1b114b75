import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { number } from '../support/facts/facts-server';
import { spansOf, startSdk } from '../support/sdk';
import { CLIENTS, COPIES } from '../support/undici-copies';
import { agrees, startWitness, targetOf } from '../support/undici-witness';

startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

for (const { name, send } of CLIENTS) {
  test(`${name}: a request that asks for Connection: close, and the one after it, have facts of their own`, async () => {
    const witness = await startWitness();
    for (const [i, path] of ['/close', '/after', '/close', '/end'].entries()) {
      const [span] = await spansOf(SpanKind.CLIENT, 1, () => send(`${witness.url}${path}?${i}`));
      assert.ok(span);
      agrees(span, witness);
      assert.equal(span.attributes['socket.client_timeout_ms'], path === '/close' ? undefined : 4_000);
    }
  });

  if (!name.includes('fetch')) continue;
  test(`${name}: each hop of a redirect has a span and facts of its own`, async () => {
    const witness = await startWitness();
    const spans = await spansOf(SpanKind.CLIENT, 3, () => send(`${witness.url}/redirect`));
    assert.deepEqual(spans.map(targetOf), ['/redirect', '/hop/redirect', '/last/hop/redirect']);
    for (const span of spans) agrees(span, witness);
  });
}

for (const { name, copy } of COPIES) {
  test(`${name}: each attempt of a RetryAgent has a span and facts of its own`, async () => {
    const witness = await startWitness();
    const dispatcher = new copy.RetryAgent(new copy.Agent(), { minTimeout: 1, maxTimeout: 1, timeoutFactor: 1 });
    const spans = await spansOf(SpanKind.CLIENT, 3, async () => {
      const { statusCode, body } = await copy.request(`${witness.url}/flaky`, { dispatcher });
      assert.equal(statusCode, 200);
      await body.dump();
    });
    assert.deepEqual(
      spans.map(({ attributes }) => attributes['http.response.status_code']),
      [503, 503, 200],
    );
    for (const [attempt, span] of spans.entries()) agrees(span, witness, attempt);
    await dispatcher.destroy();
  });

  test(`${name}: an attempt that failed says so, the next one has facts of its own`, async () => {
    const witness = await startWitness();
    const dispatcher = new copy.RetryAgent(new copy.Agent(), { minTimeout: 1, maxTimeout: 1, timeoutFactor: 1 });
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      const { body } = await copy.request(`${witness.url}/cut`, { dispatcher });
      assert.equal(await body.text(), 'whole');
    });
    assert.deepEqual(
      spans.map(({ attributes }) => attributes['socket.failure.kind']),
      ['closed', undefined],
    );
    for (const [attempt, span] of spans.entries()) agrees(span, witness, attempt);
    await dispatcher.destroy();
  });
}

for (const { name, copy } of COPIES) {
  // undici 7 wraps the handler anew for each attempt.
  if (name === 'undici7') continue;
  test(`${name}: the error of a last attempt that was not sent is not safe to act on, if an earlier one was executed`, async () => {
    const witness = await startWitness();
    const options = { methods: ['POST'], maxRetries: 1, minTimeout: 1, maxTimeout: 1, timeoutFactor: 1 };
    const dispatcher = new copy.RetryAgent(new copy.Agent(), options);
    let error: unknown;
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      await copy.request(`${witness.url}/vanish`, { dispatcher, method: 'POST', body: 'order' }).catch((thrown) => {
        error = thrown;
      });
    });
    assert.deepEqual(
      spans.map(({ attributes: a }) => [a['socket.failure.kind'], a['socket.failure.retry_safe']]),
      [
        ['closed', false],
        ['refused', true],
      ],
    );
    assert.equal(socketFailureOf(error)?.retrySafe, false);
    await dispatcher.destroy();
  });

  // undici 6 ends an answered attempt with an error of its own, of which nothing is known to be safe.
  for (const method of name === 'undici6' ? ['POST'] : ['POST', 'GET'])
    test(`${name}: nor is it if an earlier attempt was answered, unless ${method} is idempotent`, async () => {
      const witness = await startWitness();
      const options = { methods: [method], maxRetries: 1, minTimeout: 20, maxTimeout: 20, timeoutFactor: 1 };
      const dispatcher = new copy.RetryAgent(new copy.Agent(), options);
      let error: unknown;
      const [, last] = await spansOf(SpanKind.CLIENT, 2, async () => {
        await copy.request(`${witness.url}/farewell`, { dispatcher, method }).catch((thrown) => {
          error = thrown;
        });
      });
      assert.equal(last?.attributes['socket.failure.kind'], 'refused');
      assert.equal(last.attributes['socket.failure.retry_safe'], true);
      assert.equal(socketFailureOf(error)?.retrySafe, method === 'GET');
      await dispatcher.destroy();
    });
}

/** Numbers that are the same in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('all copies at once, interleaved at random, with cut responses, aborts and redirects: no span has the facts of another request', async () => {
  const random = randomFrom(4);
  const witnesses = await Promise.all([startWitness(), startWitness(), startWitness()]);
  const ofPort = new Map(witnesses.map((witness) => [Number(new URL(witness.url).port), witness]));
  const PATHS = ['/ok', '/slow', '/redirect', '/close', '/drop', '/abort'];
  const work = async (id: number) => {
    const client = CLIENTS[random(CLIENTS.length)];
    const witness = witnesses[random(witnesses.length)];
    assert.ok(client && witness);
    const path = PATHS[random(PATHS.length)] ?? '';
    const controller = new AbortController();
    if (path === '/abort') setTimeout(() => controller.abort(), random(5)).unref();
    const sent = client.send(`${witness.url}${path}?${id}`, { signal: controller.signal });
    if (path === '/abort' || path === '/drop') await sent.catch(() => undefined);
    else await sent;
  };
  const spans = await spansOf(SpanKind.CLIENT, 0, async () => {
    const running = new Set<Promise<void>>();
    for (let id = 0; id < 600; id++) {
      const one: Promise<void> = work(id).finally(() => running.delete(one));
      running.add(one);
      if (running.size >= 40) await Promise.race(running);
    }
    await Promise.all(running);
  });
  let checked = 0;
  for (const span of spans) {
    const witness = ofPort.get(Number(span.attributes['server.port']));
    assert.ok(witness);
    // Aborted before it was on a connection.
    if (witness.asked(targetOf(span)) === 0) continue;
    agrees(span, witness, witness.asked(targetOf(span)) - 1);
    assert.ok(number(span, 'socket.id') > 0);
    checked += 1;
  }
  assert.ok(checked > 500, `${checked}`);
});

for (const { name, copy } of COPIES) {
  test(`${name}: stream and pipeline have the facts of their connections`, async () => {
    const witness = await startWitness();
    const dispatcher = new copy.Agent();
    const [stream] = await spansOf(SpanKind.CLIENT, 1, async () => {
      await copy.stream(`${witness.url}/stream`, { method: 'GET', dispatcher }, () => new PassThrough().resume());
    });
    const [pipeline] = await spansOf(SpanKind.CLIENT, 1, async () => {
      const duplex = copy.pipeline(`${witness.url}/pipeline`, { method: 'PUT', dispatcher }, ({ body }) => body);
      duplex.end('x');
      duplex.resume();
      await once(duplex, 'end');
    });
    assert.ok(stream && pipeline);
    agrees(stream, witness);
    agrees(pipeline, witness);
    await dispatcher.destroy();
  });
}
