import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { type SocketFailure, SocketInstrumentation, socketFailureOf } from '../../src/index';
import { NODE, type PrivateMember } from '../../src/observe/process/private-members';
import { TestMeter } from '../support/metric-reader';
import { startSdk } from '../support/sdk';
import { hide } from './hiding';
import { ask, openShop, type Shop } from './peer';

startSdk();
const meter = new TestMeter();
const said: string[] = [];
const logger = {
  warn: (...words: unknown[]) => said.push(words.join(' ')),
  error() {},
  info() {},
  debug() {},
  verbose() {},
};
diag.setLogger(logger, DiagLogLevel.WARN);
new HttpInstrumentation();
const instrumentation = new SocketInstrumentation();
instrumentation.setMeterProvider(meter.provider);
require('node:http');
require('node:https');
after(() => instrumentation.disable());

type Member = PrivateMember<unknown>;

/** Where the instance with this member is to be found. */
function holdersOf({ of }: Member, request: http.ClientRequest, socket: Socket): object[] {
  const handle = Reflect.get(socket, '_handle') as { _parent?: object } | null;
  if (of === 'http.ClientRequest') return [request];
  if (of === 'the parser of a http.ClientRequest') return [Reflect.get(request, 'parser') as object];
  if (of.startsWith('the handle of')) return [handle, handle?._parent].filter((one) => one != null);
  return [socket];
}

/** An agent whose sockets lack the member, from their birth or only once a request has them. */
function agentWithout(member: Member, instead: unknown, secure: boolean, isLate: boolean) {
  const { Agent } = secure ? https : http;
  const agent = new Agent({ keepAlive: true });
  const tap = (request: http.ClientRequest) => {
    request.on('socket', (socket) => {
      for (const holder of holdersOf(member, request, socket)) hide(holder, member, instead);
    });
  };
  if (isLate || !(member.of === 'net.Socket' || member.of === 'tls.TLSSocket')) return { agent, tap };
  const make = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const socket = make(options, done);
    if (socket != null) hide(socket, member, instead);
    return socket;
  };
  return { agent, tap: undefined };
}

/** Whatever is missing: the order was executed, so nobody says that it was not sent, or is safe to send again. */
function isHonest(shop: Shop, failure: SocketFailure | undefined, what: string): void {
  assert.ok(shop.orders > 0, `${what}: the order was executed`);
  assert.notEqual(failure?.sent, 'none', `${what}: ${failure?.explanation}`);
  assert.notEqual(failure?.retrySafe, true, `${what}: ${failure?.explanation}`);
  assert.ok(!['dns', 'connect', 'tls', 'proxy', 'queue'].includes(failure?.phase ?? ''), `${what}: ${failure?.phase}`);
}

/** The request that was sent last. */
let latest: http.ClientRequest | undefined;

/** What becomes of an order that the shop has read. */
const ENDS: Readonly<Record<string, (socket: Socket) => void>> = {
  FIN: (socket) => socket.end(),
  RST: (socket) => ((Reflect.get(socket, '_parent') as Socket | null) ?? socket).resetAndDestroy(),
  'a timer of ours': () => latest?.setTimeout(5),
};

async function failed(how: string, secure: boolean, member: Member, instead: unknown, isLate: boolean): Promise<void> {
  const shop = await openShop(secure, (socket) => ENDS[how]?.(socket));
  const { agent, tap } = agentWithout(member, instead, secure, isLate);
  try {
    const error = await ask(shop, agent, {
      order: true,
      tap: (request) => {
        latest = request;
        tap?.(request);
      },
    });
    const failure = socketFailureOf(error);
    const what = `${how}, ${isLate ? 'late' : 'early'}, ${instead}: ${failure?.explanation}`;
    isHonest(shop, failure, what);
    assert.notEqual(failure?.initiator, how === 'a timer of ours' ? 'remote' : 'local', what);
    if (how === 'a timer of ours') assert.notEqual(failure?.cause, 'client_cancelled', what);
  } finally {
    agent.destroy();
    shop.close();
  }
}

for (const [name, member] of Object.entries<Member>(NODE)) {
  for (const secure of [false, true]) {
    test(`${secure ? 'https' : 'http'}: without ${name} the verdict on an order that was executed is not false`, async () => {
      for (const how in ENDS) {
        await failed(how, secure, member, undefined, false);
        await failed(how, secure, member, 'of another type', true);
      }
    });
  }

  test(`without ${name} the peer's end of an idle connection is not said to be our own`, async () => {
    const shop = await openShop(false, () => undefined);
    after(() => shop.close());
    for (const instead of [undefined, 'of another type']) {
      const { agent, tap } = agentWithout(member, instead, false, false);
      await ask(shop, agent, tap === undefined ? {} : { tap });
      const isIdle = () => Object.keys(agent.freeSockets).length > 0;
      assert.ok(isIdle());
      shop.end();
      while (isIdle()) await wait(1);
      agent.destroy();
    }
    const closes = (await meter.series(shop.port)).filter(
      (series) => series.name === 'socket.closes' && series.value > 0,
    );
    for (const { attributes } of closes) assert.notEqual(attributes['socket.close.initiator'], 'local');
  });
}

test('each missing member is reported once, by name, with what is unknown without it', () => {
  const lines = said.filter((line) => line.includes('_bytesDispatched'));
  assert.equal(lines.length, 1);
  assert.match(String(lines[0]), /net\.Socket _bytesDispatched .*whether anything of a request was sent/);
});
