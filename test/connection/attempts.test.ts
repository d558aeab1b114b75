import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { processState } from '../../src/observe/process/process-state';
import { instrument } from '../support/facts/facts-setup';

instrument({ socket: {} });

const server = http.createServer((_, response) => response.end());
after(() => server.close());

/** A name for these addresses. */
const resolving = (...addresses: readonly string[]): LookupFunction =>
  function lookup(_name, _options, done) {
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  };

test('a connect that tried another address first shows no round trip', async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const roundTripTo = async (host: string, ...addresses: readonly string[]) => {
    const options = { host, port, agent: false as const, autoSelectFamily: true, lookup: resolving(...addresses) };
    // At three separate moments.
    for (let i = 0; i < 3; i += 1) {
      const [response] = await once(http.get(options), 'response');
      await once(response.resume(), 'end');
      await sleep(110);
    }
    return processState.origins.of('http:', host, port).rttMs;
  };
  assert.equal(typeof (await roundTripTo('one.test', '127.0.0.1')), 'number');
  // Nothing listens on the first.
  assert.equal(await roundTripTo('two.test', '127.0.0.9', '127.0.0.1'), undefined);
});
