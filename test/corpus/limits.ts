import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { ended, startSdk } from '../sdk';
import { type ClientKind, makeClient } from './clients';
import type { CorpusPeer } from './peers/peer';
import { startProxy } from './peers/proxies';
import { startScripted } from './peers/scripted';

/*
 * How well the idle limits of real servers are learned: for each server, limit and client, four idle closings, one after
 * the other, then the limit that the next span tells. Prints a table; exits with 1 if one is off by more than 10 % or 200 ms.
 */
const LIMITS_MS = [1_000, 2_000, 5_000];
const CLOSURES = 4;

const SERVERS: Readonly<Record<string, (idleMs: number) => Promise<CorpusPeer>>> = {
  nginx: (idleMs) => startProxy('nginx', { idleMs }),
  haproxy: (idleMs) => startProxy('haproxy', { idleMs }),
  apache: (idleMs) => startProxy('apache', { idleMs }),
  node: (idleMs) => startScripted('node', { idleMs }),
};

interface Row {
  readonly server: string;
  readonly client: ClientKind;
  readonly 'in force, ms': number;
  'learned, ms'?: number | undefined;
  source?: unknown;
  'after closures'?: number | undefined;
  right: boolean;
}

async function measure(server: string, client: ClientKind, peer: CorpusPeer): Promise<Row> {
  const row: Row = { server, client, 'in force, ms': peer.idleMs, right: false };
  const { send, close } = makeClient(client, `http://${peer.host}:${peer.port}`);
  for (let closures = 0; closures <= CLOSURES; closures += 1) {
    const id = `${server}-${client}-${peer.port}-${closures}`;
    await send({ id });
    const span = ended.find(({ attributes }) => attributes['x.id'] === id);
    const learned = span?.attributes['socket.peer_timeout_ms'];
    const isObserved = span?.attributes['socket.peer_timeout_source'] === 'observed';
    if (learned !== undefined && (isObserved || row['learned, ms'] === undefined)) {
      row['learned, ms'] = learned as number;
      row.source = span?.attributes['socket.peer_timeout_source'];
      row['after closures'] ??= closures;
    }
    if (closures < CLOSURES) await new Promise((resolve) => setTimeout(resolve, peer.idleMs + 700));
  }
  close();
  const off = Math.abs((row['learned, ms'] ?? 0) - peer.idleMs);
  // What a server announces is its own word: Node from 22 on grants a second more.
  const grace = row.source === 'announced' && server === 'node' ? 1_000 : 0;
  row.right = off <= Math.max(200, peer.idleMs * 0.1, grace);
  return row;
}

async function main(): Promise<void> {
  startSdk();
  const requestHook = (span: { setAttribute(key: string, value: string): unknown }, request: object) => {
    const { getHeader, headers } = request as { getHeader?(name: string): string; headers?: string[] };
    const id =
      getHeader === undefined ? headers?.[headers.indexOf('x-id') + 1] : Reflect.apply(getHeader, request, ['x-id']);
    if (id !== undefined) span.setAttribute('x.id', id);
  };
  new HttpInstrumentation({ disableIncomingRequestInstrumentation: true, requestHook });
  new UndiciInstrumentation({ requestHook });
  new SocketInstrumentation({ detail: 'full' });
  require('node:http');
  const work: Promise<Row>[] = [];
  const peers: CorpusPeer[] = [];
  for (const [server, start] of Object.entries(SERVERS)) {
    for (const idleMs of LIMITS_MS) {
      for (const client of ['http', 'fetch'] as const) {
        const peer = await start(idleMs);
        peers.push(peer);
        work.push(measure(server, client, peer));
      }
    }
  }
  const rows = await Promise.all(work);
  console.log(`Node ${process.version}`);
  console.table(rows);
  for (const peer of peers) await peer.stop();
  process.exitCode = rows.every(({ right }) => right) ? 0 : 1;
}

void main();
