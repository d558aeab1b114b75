import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { SpanKind } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { SocketInstrumentation } from '../src/index';
import { exchange, startPeer } from '../test/support/peer';
import { clientSpan, type EndedSpan, spansOf, startSdk } from '../test/support/sdk';

/** What this package adds to one span of each sort. */
export interface SpanSize {
  readonly span: string;
  readonly detail: 'essential' | 'full';
  readonly attributes: number;
  /** OTLP protobuf, not compressed. */
  readonly bytes: number;
}

interface Serializer {
  serializeRequest(spans: readonly EndedSpan[]): Uint8Array | undefined;
}

/** The serializer that the OTLP exporters use. */
function serializer(): Serializer {
  const exporter = createRequire(require.resolve('@opentelemetry/exporter-trace-otlp-http'));
  return exporter('@opentelemetry/otlp-transformer').ProtobufTraceSerializer;
}

type Spans = Readonly<Record<string, EndedSpan>>;

/** One span of each sort: healthy ones on a connection whose limits are in order, and a failed one. */
async function scene(): Promise<Spans> {
  const peer = await startPeer({ hint: 'Keep-Alive: timeout=5\r\n' });
  const agent = new http.Agent({ keepAlive: true, timeout: 4_000 });
  const careless = new http.Agent({ keepAlive: true });
  const send = (by: http.Agent) => clientSpan(() => exchange(peer, '/ok', { agent: by }));
  const fresh = await send(agent);
  const reused = await send(agent);
  // The first span of the connection, on which the mismatch is shown.
  const mismatch = await send(careless);
  await send(careless);
  const quiet = await startPeer();
  await exchange(quiet, '/ok', { agent: careless });
  const stale = await clientSpan(() => {
    quiet.endUnnoticed('fin');
    return exchange(quiet, '/ok', { agent: careless });
  });
  await quiet.stop();
  agent.destroy();
  careless.destroy();
  await peer.stop();
  return { fresh, reused, server: await serverSpan(), 'timeout mismatch': mismatch, 'stale keep-alive': stale };
}

async function serverSpan(): Promise<EndedSpan> {
  const server = http.createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true });
  const send = () => spansOf(SpanKind.SERVER, 1, () => exchange({ port, secure: false }, '/', { agent }));
  await send();
  const [span] = await send();
  agent.destroy();
  server.close();
  if (span === undefined) throw new Error('no SERVER span ended');
  return span;
}

/** Plays the same scene without this package and with it, and compares. Wants an SDK and instrumentation-http. */
export async function spanSizes(): Promise<SpanSize[]> {
  const { serializeRequest } = serializer();
  const bytes = (span: EndedSpan) => serializeRequest([span])?.length ?? 0;
  const count = (span: EndedSpan) => Object.keys(span.attributes).length;
  const without = await scene();
  const sizes: SpanSize[] = [];
  for (const detail of ['essential', 'full'] as const) {
    const instrumentation = new SocketInstrumentation({ detail });
    for (const [name, span] of Object.entries(await scene())) {
      const bare = without[name];
      if (bare === undefined) continue;
      sizes.push({ span: name, detail, attributes: count(span) - count(bare), bytes: bytes(span) - bytes(bare) });
    }
    instrumentation.disable();
  }
  return sizes;
}

async function main(): Promise<void> {
  startSdk();
  new HttpInstrumentation();
  require('node:http');
  console.table(await spanSizes());
}

if (require.main === module) void main();
