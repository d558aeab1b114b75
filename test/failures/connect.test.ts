import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import type { LookupFunction } from 'node:net';
import net from 'node:net';
import { test } from 'node:test';
import { clientSpan } from '../support/sdk';
import { doesNotFail, type Expected, fails, send, startPeer } from '../support/verdict';

const REFUSED: Expected = {
  kind: 'refused',
  phase: 'connect',
  cause: 'not_listening',
  confidence: 'likely',
  initiator: 'remote',
  sent: 'none',
  retrySafe: true,
};

/** A port at which nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const twoAddresses = ((_name, _options, callback) => {
  const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  process.nextTick(callback, null, addresses);
}) as LookupFunction;

function failingLookup(code: string, syscall: string): LookupFunction {
  return ((hostname, _options, callback) => {
    process.nextTick(callback, Object.assign(new Error(`${syscall} ${code} ${hostname}`), { code, syscall, hostname }));
  }) as LookupFunction;
}

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';

  for (const method of ['GET', 'POST']) {
    test(`${scheme}: a refused ${method} was not sent and may be retried`, async () => {
      const port = await closedPort();
      const { span } = await fails(REFUSED, () => send({ port, secure }, '/ok', { method }));
      for (const key of ['socket.id', 'socket.reuse_count', 'socket.reused'])
        assert.equal(span.attributes[key], undefined);
    });
  }

  test(`${scheme}: several addresses that all refuse are one refusal`, async () => {
    const port = await closedPort();
    const host = 'service.invalid';
    const { span, errors } = await fails(REFUSED, () => send({ port, secure }, '/ok', { host, lookup: twoAddresses }));
    assert.ok(errors[0] instanceof AggregateError);
    assert.match(String(span.attributes['socket.failure.explanation']), /service\.invalid.*2 addresses/);
  });

  test(`${scheme}: localhost refuses with as many addresses as it has`, async () => {
    const port = await closedPort();
    await fails(REFUSED, () => send({ port, secure }, '/ok', { host: 'localhost' }));
  });

  const DNS: Expected = { ...REFUSED, kind: 'dns', phase: 'dns', cause: 'name_not_resolved', confidence: 'certain' };

  test(`${scheme}: a name that does not exist is name_not_resolved, certain`, async () => {
    const lookup = failingLookup('ENOTFOUND', 'getaddrinfo');
    await fails({ ...DNS, initiator: 'unknown' }, () =>
      send({ port: 1, secure }, '/ok', { host: 'x.invalid', lookup }),
    );
  });

  test(`${scheme}: a name that does not exist, said by a resolver of the program's own`, async () => {
    const lookup = failingLookup('ENOTFOUND', 'queryA');
    await fails(DNS, () => send({ port: 1, secure }, '/ok', { host: 'x.invalid', lookup, method: 'POST' }));
  });

  test(`${scheme}: a resolver that does not answer says nothing about the peer`, async () => {
    const lookup = failingLookup('EAI_AGAIN', 'getaddrinfo');
    await fails({ ...DNS, initiator: 'unknown' }, () =>
      send({ port: 1, secure }, '/ok', { host: 'x.invalid', lookup }),
    );
  });

  test(`${scheme}: a timeout of the program that passes while the name is resolved`, async () => {
    // Resolving takes for ever: the socket's timer runs out before there is a connection.
    const lookup = (() => undefined) as unknown as LookupFunction;
    const alive = setTimeout(() => undefined, 10_000);
    const expected: Expected = {
      ...REFUSED,
      kind: 'local_timeout',
      phase: 'dns',
      cause: 'client_timeout',
      confidence: 'certain',
      initiator: 'local',
      afterMs: 30,
    };
    await fails(expected, () =>
      send({ port: 1, secure }, '/ok', {
        host: 'x.invalid',
        lookup,
        timeout: 30,
        tap: (r) => r.on('timeout', () => r.destroy()),
      }),
    );
    clearTimeout(alive);
  });
}

test('a missing route is unreachable', async () => {
  const peer = await startPeer();
  const createConnection = () => {
    const socket = net.connect(peer.port, '127.0.0.1');
    process.nextTick(() =>
      socket.destroy(Object.assign(new Error('no'), { code: 'EHOSTUNREACH', syscall: 'connect' })),
    );
    return socket;
  };
  const unreachable = {
    kind: 'unreachable',
    cause: 'unreachable',
    confidence: 'certain',
    initiator: 'unknown',
  } as const;
  await fails({ ...REFUSED, ...unreachable }, () => send(peer, '/ok', { agent: undefined, createConnection }));
});

test('https: a timeout of the program that passes in the handshake', async () => {
  const peer = await startPeer();
  const expected: Expected = {
    ...REFUSED,
    kind: 'local_timeout',
    phase: 'tls',
    or: { phase: 'connect' },
    cause: 'client_timeout',
    confidence: 'certain',
    initiator: 'local',
    shared: true,
    afterMs: 30,
  };
  const tap = (r: ClientRequest) => r.on('timeout', () => r.destroy(new Error('too slow')));
  await fails(expected, () => send({ port: peer.port, secure: true }, '/ok', { timeout: 30, tap }));
});

const addressesOf = (...addresses: string[]) =>
  ((_name, options, callback) => {
    const all = addresses.map((address) => ({ address, family: 4 }));
    if (options.all) process.nextTick(callback, null, all);
    else process.nextTick(callback, null, all[0]?.address, 4);
  }) as LookupFunction;

test('of the machines behind one name the span tells which one refused', async () => {
  const peer = await startPeer();
  for (const address of ['127.0.0.1', '127.0.0.2']) {
    const options = { host: 'api.invalid', lookup: addressesOf(address) };
    const work = () => send(peer, '/ok', options);
    // The other machine has just answered under this name.
    const expected = { ...REFUSED, confidence: 'possible' } as const;
    const span = address === '127.0.0.1' ? await doesNotFail(work) : (await fails(expected, work)).span;
    assert.equal(span.attributes['network.peer.address'], address);
    assert.equal(span.attributes['network.peer.port'], peer.port);
  }
});

test('of several addresses that all refuse, the last one is told', async () => {
  const port = await closedPort();
  const options = { host: 'api.invalid', lookup: addressesOf('127.0.0.1', '127.0.0.2') };
  const { span } = await fails(REFUSED, () => send({ port, secure: false }, '/ok', options));
  assert.equal(span.attributes['network.peer.address'], '127.0.0.2');
  assert.equal(span.attributes['network.peer.port'], port);
});

test('without an agent, and with a Host header of the program, the port is the one that the span names', async () => {
  const port = await closedPort();
  const options = {
    agent: undefined,
    headers: { host: 'virtual.invalid' },
    createConnection: () => net.connect(port, '127.0.0.1'),
  };
  const { span } = await fails(REFUSED, () => send({ port, secure: false }, '/ok', options));
  assert.equal(span.attributes['server.port'], port);
  assert.match(String(span.attributes['socket.failure.explanation']), new RegExp(`:${port}\\b`));
});

for (const host of ['a\nb.invalid', 'a\u0001b.invalid', '\u001b[31mred.invalid', `${'a'.repeat(200_000)}.invalid`]) {
  test(`an impossible host name, ${JSON.stringify(host.slice(0, 20))}, is not reported verbatim`, async () => {
    const lookup = failingLookup('ENOTFOUND', 'getaddrinfo');
    const options = { host, lookup, setHost: false, headers: { host: 'x' } };
    const span = await clientSpan(() => send({ port: 80, secure: false }, '/ok', options));
    const told = String(span.attributes['socket.failure.explanation']);
    assert.match(told, /ENOTFOUND/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be in it
    assert.doesNotMatch(told, /[\u0000-\u001f\u007f-\u009f]/);
    assert.ok(told.length < 600);
  });
}
