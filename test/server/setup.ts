import { once } from 'node:events';
import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { SpanKind } from '@opentelemetry/api';
import { tlsFixture } from '../support/root';
import { type EndedSpan, spansOf } from '../support/sdk';

export interface Listening {
  readonly server: Server;
  readonly port: number;
  readonly secure: boolean;
  stop(): Promise<void>;
}

/** An instrumented server in this process. */
export async function listen(answer: RequestListener, { secure = false } = {}): Promise<Listening> {
  const server = secure
    ? https.createServer({ key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') }, answer)
    : http.createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    secure,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A client of raw bytes. */
export async function dial({ port, secure }: Listening): Promise<Socket> {
  const socket = secure
    ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : net.connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, secure ? 'secureConnect' : 'connect');
  return socket;
}

/** Resolves when the bytes that came back hold `text`, `times` times. */
export async function heard(socket: Socket, text: string, times = 1): Promise<string> {
  let all = '';
  while (all.split(text).length <= times) all += String((await once(socket, 'data'))[0]);
  return all;
}

export const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

export const serverSpans = (count: number, work: () => unknown): Promise<EndedSpan[]> =>
  spansOf(SpanKind.SERVER, count, work);

/** One attribute of several spans. */
export const across = (spans: readonly EndedSpan[], name: string) => spans.map((span) => span.attributes[name]);
