import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

/** An agent that stands below instrumentation-http, and puts a trace header of its own in place of the one it finds. */
function rewrite(): void {
  for (const method of ['request', 'get'] as const) {
    const below = http[method];
    Object.assign(http, {
      [method](options: http.RequestOptions, ...rest: never[]) {
        const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
        const headers = { ...(options.headers as object), traceparent };
        return Reflect.apply(below, this, [{ ...options, headers }, ...rest]);
      },
    });
  }
}

rewrite();

import { socketFailureOf } from '../../src/index';
import { ask, type FactsServer, startFactsServer, traced } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import { clientSpan } from '../support/sdk';

instrument();

let server: FactsServer;
before(async () => {
  server = await startFactsServer();
});
after(() => server.stop());

test('an http span gets its facts though another agent replaced the trace header', async () => {
  const agent = new http.Agent({ keepAlive: true });
  for (const count of [0, 1, 2]) {
    const { span } = await traced(server, '/', { agent });
    assert.equal(span.attributes['socket.reuse_count'], count);
  }
  agent.destroy();
});

test('a failing http span gets its facts too, and its error has a verdict', async () => {
  let caught: unknown;
  const span = await clientSpan(() =>
    ask(server, '/', { port: 1 }).catch((error) => {
      caught = error;
    }),
  );
  assert.equal(span.attributes['socket.failure.kind'], 'refused');
  assert.equal(socketFailureOf(caught)?.kind, 'refused');
});
