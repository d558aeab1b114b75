import assert from 'node:assert/strict';
import http2, { type ServerHttp2Stream } from 'node:http2';
import { after, test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../../src/index';
import { processState } from '../../../src/observe/process/process-state';
import { clientSpan, startSdk } from '../../support/sdk';
import { COPIES, type Options } from '../../support/undici-copies';
import { startHttp2Server, upload } from './http2-server';

process.removeAllListeners('warning');
startSdk();
const instrumentation = new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

const { NGHTTP2_INTERNAL_ERROR } = http2.constants;

/** More other origins than are remembered. */
function forgetAll(): void {
  for (let i = 0; i <= 1_000; i += 1) processState.origins.of('http:', `other${i}`, 80);
}

type Unsee = (warm: () => Promise<unknown>) => Promise<void>;

const UNSEEN: Readonly<Record<'early' | 'forgotten', Unsee>> = {
  early: async (warm) => {
    instrumentation.disable();
    await warm();
    instrumentation.enable();
  },
  forgotten: async (warm) => {
    await warm();
    forgetAll();
  },
};

for (const { name, copy } of COPIES) {
  const agent = (allowH2: boolean) => {
    const dispatcher = new copy.Agent({ allowH2, connect: { rejectUnauthorized: false } });
    after(() => dispatcher.destroy());
    return dispatcher;
  };

  /** A POST on a session about which nothing is known, to an origin that was seen to speak HTTP/1.1 since. */
  const post = async (unsee: Unsee, options: Options, onPost: (stream: ServerHttp2Stream) => void) => {
    const { url, read } = await startHttp2Server(onPost);
    const dispatcher = agent(true);
    await unsee(async () => (await copy.request(url, { dispatcher })).body.text());
    await (await copy.request(url, { dispatcher: agent(false) })).body.text();
    let error: unknown;
    const { attributes } = await clientSpan(() =>
      copy.request(url, { dispatcher, method: 'POST', ...options }).catch((reason: unknown) => {
        error = reason;
      }),
    );
    assert.equal(read.length, 1);
    assert.notEqual(attributes['socket.failure.sent'], 'none', String(attributes['socket.failure.explanation']));
    assert.equal(socketFailureOf(error)?.retrySafe, false);
    return attributes;
  };

  // In this order: once an origin was forgotten, none is taken for new any more.
  for (const [what, unsee] of [
    ['that is older than the instrumentation', UNSEEN.early],
    ['to an origin that was forgotten meanwhile', UNSEEN.forgotten],
  ] as const) {
    test(`${name}: a POST whose stream the peer resets may have been sent on a session ${what}`, async () => {
      for (const body of ['order', upload(100)]) {
        const attributes = await post(unsee, { body }, (stream) => stream.close(NGHTTP2_INTERNAL_ERROR));
        assert.notEqual(attributes['socket.failure.initiator'], 'local');
      }
    });
  }

  test(`${name}: a POST that is aborted may have been sent on a session to an origin that was forgotten`, async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const attributes = await post(UNSEEN.forgotten, { body: upload(100), signal }, () => controller.abort());
    assert.equal(attributes['socket.failure.kind'], 'local_abort');
  });
}
