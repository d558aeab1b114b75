import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, hangUp, type Scene } from '../scene';
import { adviceFor, pool } from './deadline';

test("the agent's own timeout is recognised where its 'timeout' event ended the request", () => {
  const slow: Scene = { how: 'request', timedOut: true, elapsedMs: 4_020, error: hangUp };
  const byAgent = adviceFor(slow, pool({ timeoutMs: 4_000 }));
  assert.match(byAgent.fix.text, /^Find the code that destroys a request on 'timeout': the agent's timeout of 4 s/);
  assert.match(adviceFor({ ...slow, clientTimeoutMs: 4_000 }).fix.text, /the agent's timeout of 4 s/);
  assert.doesNotMatch(adviceFor(slow, pool({ timeoutMs: 60_000 })).fix.text, /agent/);
  // agentkeepalive destroys the request itself.
  const itself = adviceFor({ ...slow, error: errorOf('ERR_SOCKET_TIMEOUT') }, pool({ timeoutMs: 4_000 }));
  assert.equal(
    itself.fix.text,
    'Find what is slow at api.example:8443, or give agentkeepalive a longer timeout than 4 s',
  );
  // What is slow is the network.
  const connecting = adviceFor({ ...slow, stage: 'connect', idleMs: 'fresh' }, pool({ timeoutMs: 4_000 }));
  assert.match(connecting.fix.text, /^Find what makes connecting to /);
  assert.doesNotMatch(
    adviceFor({ ...slow, timedOut: false, how: 'timer' }, pool({ timeoutMs: 4_000 })).fix.text,
    /agent/,
  );
});

test("a timer that the agent took from the peer's Keep-Alive header is not called the agent's own", () => {
  const slow: Scene = { how: 'request', timedOut: true, elapsedMs: 2_020, error: hangUp, clientTimeoutMs: 2_000 };
  for (const timeoutMs of [undefined, 30_000]) {
    const { fix } = adviceFor(slow, (e) => {
      pool({ timeoutMs })(e);
      if (e.exchange.connection !== undefined) e.exchange.connection.announcedMs = 3_000;
    });
    assert.match(
      fix.text,
      /: the idle timeout of 2 s, which the agent takes from the peer's Keep-Alive header, stays on a reused connection/,
    );
  }
  assert.match(adviceFor(slow, pool({ timeoutMs: 2_000 })).fix.text, /: the agent's timeout of 2 s emits it/);
});
