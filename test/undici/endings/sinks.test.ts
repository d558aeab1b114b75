import assert from 'node:assert/strict';
import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { clientSpan, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES, type Dispatcher } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

const PART = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart';
const broken = (code?: string) => Object.assign(new Error('no space left'), code === undefined ? {} : { code });

/** What the span says of an order whose answer has begun when `play` does something to the stream that takes it. */
async function toldOf(
  play: (url: string, dispatcher: Dispatcher) => Promise<unknown>,
  Agent: new () => Dispatcher,
  answer = PART,
) {
  const { url } = await startShop((socket) => socket.write(answer));
  const dispatcher = new Agent();
  const { attributes } = await clientSpan(() => play(url, dispatcher).catch(() => undefined));
  void dispatcher.destroy();
  return Object.fromEntries(
    ['kind', 'cause', 'confidence', 'initiator', 'retry_safe', 'explanation'].map((what) => [
      what,
      attributes[`socket.failure.${what}`],
    ]),
  );
}

/** A stream that fails at its first bytes. */
const failing = (error: Error) => new Writable({ write: (_, __, done) => done(error) });

/** A body that goes on. */
function upload(): Readable {
  const body = new Readable({ read() {} }).on('error', () => undefined);
  body.push('order');
  return body;
}

for (const { name, copy } of COPIES) {
  for (const body of ['order', 'an order that is not finished']) {
    test(`${name}: a stream whose sink fails was not cancelled by the program: ${body}`, async () => {
      const told = await toldOf((url, dispatcher) => {
        const endless = new Readable({ read() {} });
        endless.push('order');
        const options = { dispatcher, method: 'POST', body: body === 'order' ? body : endless };
        return copy.stream(url, options, () => failing(broken('ENOSPC')));
      }, copy.Agent);
      assert.equal(told.kind, 'other', String(told.explanation));
      assert.equal(told.initiator, 'local');
      assert.notEqual(told.cause, 'client_cancelled');
      assert.equal(told.retry_safe, false);
    });
  }

  const ENDINGS: Readonly<Record<string, (url: string, dispatcher: Dispatcher, error: Error) => Promise<unknown>>> = {
    'whose answer the program destroys': async (url, dispatcher, error) => {
      const { body } = await copy.request(url, { dispatcher, method: 'POST', body: upload() });
      (body as unknown as Readable).on('error', () => undefined).destroy(error);
    },
    'of stream whose sink fails': (url, dispatcher, error) =>
      copy.stream(url, { dispatcher, method: 'POST', body: upload() }, () => failing(error)),
    'of stream that a signal aborts': (url, dispatcher, error) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(error), 30);
      const options = { dispatcher, method: 'POST', body: upload(), signal: controller.signal };
      return copy.stream(url, options, () => new Writable({ write: (_, __, done) => done() }));
    },
    'of pipeline whose handler throws': (url, dispatcher, error) =>
      new Promise((_, reject) => {
        const piped = copy.pipeline(url, { dispatcher, method: 'POST' }, () => {
          throw error;
        });
        piped.on('error', reject).write('order');
      }),
    'of pipeline that the program destroys': (url, dispatcher, error) =>
      new Promise((_, reject) => {
        const piped = copy.pipeline(url, { dispatcher, method: 'POST' }, ({ body }) => body);
        piped.on('error', reject).write('order');
        setTimeout(() => (piped as unknown as Writable).destroy(error), 30);
      }),
  };
  for (const [what, end] of Object.entries(ENDINGS))
    for (const error of [broken(), broken('E_TOO_LARGE')]) {
      const answer = what.endsWith('aborts') ? '' : PART;
      test(`${name}: an unfinished upload ${what} (${error.code ?? 'no code'}) was not certainly abandoned`, async () => {
        const told = await toldOf((url, dispatcher) => end(url, dispatcher, error), copy.Agent, answer);
        assert.equal(told.initiator, 'local', String(told.explanation));
        assert.equal(told.confidence, 'possible');
        assert.equal(told.retry_safe, false);
        if (told.cause !== 'request_incomplete') return;
        assert.match(String(told.explanation), /while it wrote the request( or read the response)? \(in a proxy/);
      });
    }

  test(`${name}: a stream whose sink fails without a code is no certain cancel`, async () => {
    const told = await toldOf(
      (url, dispatcher) => copy.stream(url, { dispatcher, method: 'POST', body: 'order' }, () => failing(broken())),
      copy.Agent,
    );
    assert.notEqual(told.confidence, 'certain', String(told.explanation));
    assert.equal(told.retry_safe, false);
  });

  test(`${name}: a pipeline whose handler fails was not cancelled by the program`, async () => {
    const told = await toldOf(
      (url, dispatcher) =>
        new Promise((_, reject) => {
          const handler = ({ body }: { body: NodeJS.ReadableStream }) => {
            const through = new PassThrough();
            body.once('data', () => through.destroy(broken('ENOSPC')));
            body.on('error', () => undefined);
            return through;
          };
          const piped = copy.pipeline(url, { dispatcher, method: 'POST' }, handler);
          piped.on('error', reject).end('order');
        }),
      copy.Agent,
    );
    assert.deepEqual([told.kind, told.cause, told.initiator], ['other', 'unknown', 'local'], String(told.explanation));
    assert.match(String(told.explanation), /ENOSPC/);
    assert.equal(told.retry_safe, false);
  });

  test(`${name}: a pipeline that the program destroys without an error may have been cancelled`, async () => {
    const told = await toldOf(
      (url, dispatcher) =>
        new Promise((_, reject) => {
          const handler = ({ body }: { body: NodeJS.ReadableStream }) => body;
          const piped = copy.pipeline(url, { dispatcher, method: 'POST' }, handler);
          piped.once('data', () => (piped as unknown as Writable).destroy());
          piped.on('error', reject).end('order');
        }),
      copy.Agent,
    );
    assert.deepEqual([told.kind, told.cause, told.confidence], ['local_abort', 'client_cancelled', 'possible']);
  });

  test(`${name}: a body that the program abandons was cancelled`, async () => {
    const told = await toldOf(async (url, dispatcher) => {
      for await (const _ of (await copy.request(url, { dispatcher, method: 'POST', body: 'order' })).body) break;
    }, copy.Agent);
    // Only some versions say with Node's own code that the loop was left.
    assert.deepEqual([told.kind, told.cause], ['local_abort', 'client_cancelled']);
  });

  test(`${name}: a signal that aborts a stream cancels it: perhaps a deadline, as far as Node's streams show`, async () => {
    const controller = new AbortController();
    const told = await toldOf((url, dispatcher) => {
      const sink = new Writable({
        write: () => controller.abort(),
      });
      return copy.stream(url, { dispatcher, method: 'POST', body: 'order', signal: controller.signal }, () => sink);
    }, copy.Agent);
    assert.deepEqual([told.kind, told.cause, told.confidence], ['local_abort', 'client_cancelled', 'possible']);
  });

  // undici 6 aborts the request before the body knows with which error it is destroyed.
  if (name === 'undici6') continue;
  test(`${name}: a body whose sink fails was not cancelled by the program`, async () => {
    const to = (sink: Writable) =>
      toldOf(
        async (url, dispatcher) =>
          pipeline((await copy.request(url, { dispatcher, method: 'POST', body: 'order' })).body, sink),
        copy.Agent,
      );
    const told = await to(failing(broken('ENOSPC')));
    assert.deepEqual([told.kind, told.cause, told.initiator], ['other', 'unknown', 'local'], String(told.explanation));
    assert.match(String(told.explanation), /ENOSPC/);
    assert.equal(told.retry_safe, false);
    const untold = await to(failing(broken()));
    assert.notEqual(untold.confidence, 'certain', String(untold.explanation));
  });
}
