import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { spanSizes } from '../../bench/span-size';
import { SocketInstrumentation } from '../../src/index';
import { exchange, type Peer, startPeer, UNUSUAL_MS } from '../support/peer';
import { root } from '../support/root';
import { clientSpan, type EndedSpan, startSdk } from '../support/sdk';
import { blocks, table } from './pages';

startSdk();
new HttpInstrumentation();
// instrumentation-http patches the modules when they are required the next time.
require('node:http');

/** The peer's end adds what makes a connection unusually old (peer.ts). */
const IDLE_MS = 5_000 - UNUSUAL_MS;
let peer: Peer;

before(async () => {
  peer = await startPeer({ hint: 'Keep-Alive: timeout=5\r\n' });
});
after(() => peer.stop());

/** A pooled connection that the peer closes after 5 s of idleness, and the request that finds out. */
async function staleSpan(idleMs: number): Promise<EndedSpan> {
  const agent = new http.Agent({ keepAlive: true });
  for (let i = 0; i < 3; i += 1) await clientSpan(() => exchange(peer, '/ok', { agent }));
  const span = await clientSpan(() => {
    // The idle age itself, not a wait for something.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, idleMs);
    peer.endUnnoticed('fin');
    return exchange(peer, '/ok', { agent });
  });
  agent.destroy();
  return span;
}

/** A span as the README lists it, in the order that suits a reader. */
function listing({ name, status, attributes }: EndedSpan, order: string): string[] {
  const lines = [`span: ${name}`, `status: ${SpanStatusCode[status.code]}, ${status.message}`];
  for (const [key, value] of Object.entries(attributes)) {
    lines.push(key.endsWith('explanation') ? `${key}: >-\n${folded(String(value))}` : `${key}: ${value}`);
  }
  const place = (line: string) => order.indexOf(`${line.split(':')[0]}:`);
  return lines.sort((a, b) => place(a) - place(b));
}

function folded(text: string): string {
  return text.replace(/(?=\S)(.{1,96})(?:\s|$)/g, '  $1\n').trimEnd();
}

/** Ports and times that differ from run to run. */
function normal(text: string): string {
  return (
    text
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
      .replace(/port: \d+/g, 'port: PORT')
      .replace(/socket\.id: \d+/, 'socket.id: N')
      .replace(/_ms: 5[01]\d\d$/gm, '_ms: 5000')
      // A busy machine reuses it a little later.
      .replace(/idle for 5(\.1)? s/, 'idle for 5 s')
      .replace(/elapsed_ms: \d{1,2}$/m, 'elapsed_ms: FEW')
      .replace(/\s+/g, ' ')
  );
}

test('the span before and the span after are what a stale connection really leaves', async () => {
  const [without = '', with_ = ''] = [...blocks('yaml without'), ...blocks('yaml with')];
  const bare = listing(await staleSpan(0), without).join('\n');
  assert.equal(normal(without.trim()), normal(bare), bare);
  const instrumentation = new SocketInstrumentation();
  const told = listing(await staleSpan(IDLE_MS), with_).join('\n');
  instrumentation.disable();
  assert.equal(normal(with_.trim()), normal(told), told);
});

test('the costs are those that were measured', async () => {
  const written = table('README.md', 'What it costs', 'span');
  const measured = await spanSizes();
  assert.equal(written.length * 2, measured.length);
  for (const [name, ...cells] of written) {
    for (const [i, detail] of ['essential', 'full'].entries()) {
      const size = measured.find((each) => each.span === name && each.detail === detail);
      const [attributes, bytes] = (cells[i]?.match(/\d+/g) ?? []).map(Number);
      assert.equal(attributes, size?.attributes, `${name}, ${detail}: attributes`);
      const off = Math.abs((bytes ?? 0) - (size?.bytes ?? 0));
      assert.ok(off <= 8 + (bytes ?? 0) / 20, `${name}, ${detail}: ${size?.bytes} bytes`);
    }
  }
});

test('the examples compile, and the retry gets past a stale connection', async () => {
  const folder = path.join(root, 'build/readme');
  fs.mkdirSync(folder, { recursive: true });
  const files = blocks('ts').map((code, i) => {
    fs.writeFileSync(path.join(folder, `example-${i}.ts`), code);
    return path.join(folder, `example-${i}.ts`);
  });
  const options = '--strict --module node16 --target es2022 --skipLibCheck --types node --ignoreConfig'.split(' ');
  const [major] = JSON.parse(fs.readFileSync(require.resolve('typescript/package.json'), 'utf8')).version.split('.');
  assert.ok(Number(major) >= 7);
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [tsc, ...options, ...files], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  const { withOneRetry } = require(path.join(folder, 'example-1.js'));
  const instrumentation = new SocketInstrumentation();
  const agent = new http.Agent({ keepAlive: true });
  await exchange(peer, '/ok', { agent });
  peer.endUnnoticed('fin');
  let attempts = 0;
  const answer = await withOneRetry(async () => {
    attempts += 1;
    const { status, error } = await exchange(peer, '/ok', { agent });
    if (error !== undefined) throw error;
    return status;
  });
  assert.deepEqual([answer, attempts], [200, 2]);
  agent.destroy();
  instrumentation.disable();
});

test('the demo is there, word for word', () => {
  assert.ok(blocks('sh').includes('npm ci && npm run demo\n'));
});
