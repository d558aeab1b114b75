import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../../src/index';
import { clientSpan, type EndedSpan, startSdk } from '../../support/sdk';
import { type Shop, startShop } from '../../support/shop';
import { COPIES, type Undici } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

interface Played {
  readonly span: EndedSpan;
  readonly error: unknown;
}

async function play(work: () => Promise<unknown>): Promise<Played> {
  let error: unknown;
  const span = await clientSpan(async () => {
    error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
  });
  return { span, error };
}

const told = ({ span }: Played, what: string) => span.attributes[`socket.failure.${what}`];

/** The peer did nothing, nobody cancelled, and the error's own code is named. */
function isIncomplete(played: Played, code: RegExp, confidence = 'certain'): void {
  assert.equal(told(played, 'cause'), 'request_incomplete', String(told(played, 'explanation')));
  assert.equal(told(played, 'confidence'), confidence);
  assert.equal(told(played, 'initiator'), 'local');
  assert.equal(told(played, 'phase'), 'request');
  assert.match(String(told(played, 'explanation')), code);
  assert.doesNotMatch(String(told(played, 'explanation')), /cancel/i);
  assert.ok(['none', 'partial'].includes(String(told(played, 'sent'))), String(told(played, 'sent')));
}

async function* failing(error: Error) {
  yield 'order';
  await new Promise((resolve) => setTimeout(resolve, 10));
  throw error;
}

const broken = (code: string, syscall?: string) => Object.assign(new Error('broken'), { code, syscall });

type Send = (copy: Undici, shop: Shop, options: object) => Promise<unknown>;
/** With a dispatcher of its own: the global one may be another copy's, which hides the handler. */
const byRequest: Send = async (copy, { url }, options) => {
  const dispatcher = new copy.Agent();
  try {
    await copy.request(url, { method: 'POST', dispatcher, ...options });
  } finally {
    void dispatcher.destroy();
  }
};
const byFetch: Send = (copy, { url }, { body, ...options }: { body?: unknown; signal?: AbortSignal }) =>
  copy.fetch(url, { method: 'POST', duplex: 'half', body: body as Readable, ...options } as object);

for (const { name, copy } of COPIES) {
  test(`${name}: an error about another connection says nothing about what this one sent`, async () => {
    for (const about of [
      broken('ENOTFOUND', 'getaddrinfo'),
      broken('ECONNREFUSED', 'connect'),
      broken('ERR_PROXY_TUNNEL'),
    ])
      for (const by of [byRequest, byFetch]) {
        const controller = new AbortController();
        const dispatcher = new copy.Agent();
        const isFetch = by === byFetch;
        const shop = await startShop(() => (isFetch ? controller.abort(about) : void dispatcher.destroy(about)));
        const options = isFetch ? { signal: controller.signal } : { dispatcher };
        const played = await play(() => by(copy, shop, { body: 'order', ...options }));
        assert.equal(shop.executed(), 1);
        assert.ok(['other', 'local_abort'].includes(String(told(played, 'kind'))), String(told(played, 'explanation')));
        assert.notEqual(told(played, 'sent'), 'none');
        assert.equal(told(played, 'retry_safe'), false);
      }
  });

  test(`${name}: a body that is not as long as its Content-Length is not finished, and nobody cancelled it`, async () => {
    const shop = await startShop();
    const send = (length: string, parts: string[]) =>
      byRequest(copy, shop, { headers: { 'content-length': length }, body: Readable.from(parts) });
    isIncomplete(await play(() => send('50', ['order'])), /UND_ERR_REQ_CONTENT_LENGTH_MISMATCH/);
    isIncomplete(await play(() => send('3', ['ord', 'er'])), /UND_ERR_REQ_CONTENT_LENGTH_MISMATCH/);
  });

  for (const [what, body] of [
    ['a stream', (error: Error) => Readable.from(failing(error))],
    ['an iterable', failing],
  ] as const) {
    for (const [code, syscall] of [['EIO', 'read'], ['ECONNRESET'], ['E_OF_ITS_OWN']] as const) {
      test(`${name}: a request whose body is ${what} that fails with ${code} is not finished`, async () => {
        const shop = await startShop();
        isIncomplete(await play(() => byRequest(copy, shop, { body: body(broken(code, syscall)) })), RegExp(code));
        // The program may just as well have aborted a fetch with that error.
        const fetched = await play(() => byFetch(copy, shop, { body: body(broken(code, syscall)) }));
        isIncomplete(fetched, RegExp(code), 'possible');
      });
    }

    test(`${name}: a request whose body is ${what} that fails without a code is not finished; a fetch is unknown`, async () => {
      const shop = await startShop();
      isIncomplete(await play(() => byRequest(copy, shop, { body: body(new Error('broken')) })), /./);
      const played = await play(() => byFetch(copy, shop, { body: body(new Error('broken')) }));
      assert.equal(told(played, 'cause'), 'unknown');
      assert.notEqual(told(played, 'sent'), 'full');
    });
  }

  test(`${name}: the deadline of a stream that is its body is not the request's`, async () => {
    const shop = await startShop();
    const body = Readable.from(failing(broken('ETIMEDOUT')));
    isIncomplete(await play(() => byRequest(copy, shop, { body })), /ETIMEDOUT/);
  });

  for (const headers of [{}, { 'content-length': '50' }]) {
    test(`${name}: an upload that stalls until the peer resets it may be unfinished: ${JSON.stringify(headers)}`, async () => {
      const shop = await startShop((socket) => setTimeout(() => socket.resetAndDestroy(), 80));
      const stalling = async function* () {
        yield 'order';
        await new Promise(() => undefined);
      };
      const played = await play(() => byRequest(copy, shop, { headers, body: stalling() }));
      assert.deepEqual(
        ['kind', 'phase', 'cause', 'confidence', 'initiator', 'sent', 'retry_safe'].map((what) => told(played, what)),
        ['reset', 'request', 'request_incomplete', 'possible', 'remote', 'partial', false],
      );
    });
  }

  test(`${name}: a source that fails before its request is written was not sent`, async () => {
    const shop = await startShop();
    const body = new Readable({ read() {} });
    const sent = play(() => byRequest(copy, shop, { body }));
    body.destroy(broken('ENOENT', 'open'));
    const played = await sent;
    isIncomplete(played, /ENOENT/);
    assert.equal(told(played, 'sent'), 'none');
    assert.equal(told(played, 'retry_safe'), true);
    assert.equal(shop.executed(), 0);
  });

  for (const reason of [new Error('changed my mind'), broken('E_OF_THE_PROGRAM')]) {
    test(`${name}: a signal with a reason of the program's own cancels, for certain: ${String(Reflect.get(reason, 'code'))}`, async () => {
      const controller = new AbortController();
      const shop = await startShop(() => controller.abort(reason));
      const played = await play(() => byRequest(copy, shop, { body: 'order', signal: controller.signal }));
      assert.equal(played.error, reason);
      assert.deepEqual(
        ['kind', 'cause', 'confidence', 'retry_safe'].map((what) => told(played, what)),
        ['local_abort', 'client_cancelled', 'certain', false],
      );
    });
  }

  test(`${name}: an answer that undici refuses is neither a cancel nor an end of the peer's`, async () => {
    const answers = {
      'longer than it says':
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      'a 100 that nobody asked for': 'HTTP/1.1 100 Continue\r\n\r\n',
    };
    for (const [what, answer] of Object.entries(answers)) {
      const shop = await startShop(undefined, { answer });
      const dispatcher = new copy.Agent();
      const played = await play(async () => {
        await (await copy.request(shop.url, { dispatcher })).body.text();
      });
      assert.ok(played.error, what);
      assert.equal(socketFailureOf(played.error)?.kind, told(played, 'kind'));
      assert.ok(['other', 'protocol'].includes(String(told(played, 'kind'))), `${what}: ${told(played, 'kind')}`);
      assert.notEqual(told(played, 'initiator'), 'local', what);
      assert.doesNotMatch(String(told(played, 'explanation')), /cancel|closed|hung up/i);
      void dispatcher.destroy();
    }
  });

  test(`${name}: an interim answer is no response, and shows that the peer saw the request`, async () => {
    const shop = await startShop((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n');
      setTimeout(() => socket.destroy(), 60);
    });
    const dispatcher = new copy.Agent();
    await (await copy.request(shop.url, { dispatcher })).body.text();
    const played = await play(() => byRequest(copy, shop, { body: 'order', dispatcher }));
    assert.equal(told(played, 'initiator'), 'remote');
    assert.equal(told(played, 'kind'), 'closed');
    assert.equal(told(played, 'phase'), 'wait');
    assert.equal(told(played, 'sent'), 'full');
    assert.equal(told(played, 'retry_safe'), false);
    assert.notEqual(told(played, 'cause'), 'stale_keepalive');
    void dispatcher.destroy();
  });
}
