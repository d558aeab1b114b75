import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '../../support/fresh-port';
import { tlsFixture } from '../../support/root';

/**
 * Answers every request but a POST on HTTP/2: what becomes of that is up to `onPost`, once its body has begun. Speaks
 * HTTP/1.1 to those who ask for it. `read`: the targets of the POSTs, in order.
 */
export async function startHttp2Server(onPost: (stream: ServerHttp2Stream) => void) {
  const read: string[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const pem = { key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') };
  const server = http2.createSecureServer({ ...pem, allowHTTP1: true });
  server.on('session', (session) => sessions.add(session.on('error', () => undefined)));
  server.on('request', ({ httpVersion }, response) => {
    if (httpVersion === '1.1') response.end('ok');
  });
  server.on('stream', (stream, { ':method': method, ':path': target = '' }) => {
    stream.on('error', () => undefined);
    if (method !== 'POST') {
      stream.respond({ ':status': 200 });
      stream.end('ok');
      return;
    }
    stream.resume().once('data', () => {
      read.push(target);
      onPost(stream);
    });
  });
  const port = await listen(server);
  after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { url: `https://127.0.0.1:${port}`, read };
}

/** A source that has more, and is healthy. */
export function upload(chunkBytes: number): Readable {
  const chunks = async function* () {
    for (;;) {
      yield Buffer.alloc(chunkBytes);
      await sleep(1);
    }
  };
  return Readable.from(chunks());
}
