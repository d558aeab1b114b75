import assert from 'node:assert/strict';
import http, { Agent, type AgentOptions, type ClientRequest, type RequestOptions } from 'node:http';
import net, { type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import KeepAliveAgent from 'agentkeepalive';
import { type FactsServer, number, startFactsServer, traced } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';

instrument();

let server: FactsServer;
before(async () => {
  server = await startFactsServer();
});
after(() => server.stop());

/** Node's own methods that its types leave out. */
interface AgentMethods {
  addRequest(request: ClientRequest, options: RequestOptions): void;
  createSocket(request: ClientRequest, options: RequestOptions, done: (error: unknown, socket?: Socket) => void): void;
}
const { addRequest, createSocket } = Agent.prototype as unknown as AgentMethods;

/** Three requests, one after the other: counts are the server's, and the idle age is what passed in between. */
async function threeInARow(agent: unknown, firstLimit?: number, limit = firstLimit): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const { span, seen } = await traced(server, '/', { agent: agent as Agent });
    assert.equal(seen.number, i);
    assert.equal(span.attributes['socket.reuse_count'], i);
    assert.equal(span.attributes['socket.reused'], i > 0);
    assert.equal(span.attributes['network.local.port'], seen.port);
    assert.equal(span.attributes['socket.client_timeout_ms'], i === 0 ? firstLimit : limit);
    if (i > 0) {
      const idle = number(span, 'socket.idle_ms');
      assert.ok(idle >= 25 && idle <= number(span, 'socket.age_ms'), `idle for ${idle} ms`);
    }
    await delay(30);
  }
}

test('an agent that overrides addRequest, reuseSocket and keepSocketAlive and calls super changes only what is known', async () => {
  class Custom extends Agent {
    addRequest(request: ClientRequest, options: RequestOptions): void {
      addRequest.call(this, request, options);
    }
    override reuseSocket(socket: Socket, request: ClientRequest): void {
      super.reuseSocket(socket, request);
    }
    override keepSocketAlive = (socket: Socket) => Agent.prototype.keepSocketAlive.call(this, socket);
  }
  const agent = new Custom({ keepAlive: true });
  // Its own rules may close idle connections.
  await threeInARow(agent);
  agent.destroy();
});

test("a program that listens to its agent's 'free' may set the timer of the socket itself", async () => {
  const agent = new Agent({ keepAlive: true });
  agent.on('free', (socket: Socket) => socket.setTimeout(1_200, () => socket.destroy()));
  await threeInARow(agent);
  agent.destroy();
});

test('an agent that overrides keepSocketAlive without super shows its idle timeout with the first release', async () => {
  class Custom extends Agent {
    // Its types do not tell that it returns a boolean.
    override keepSocketAlive = (socket: Socket) => Boolean(socket.setTimeout(7_000));
  }
  const agent = new Custom({ keepAlive: true });
  const first = await traced(server, '/', { agent });
  assert.equal(first.span.attributes['socket.client_timeout_ms'], undefined);
  const second = await traced(server, '/', { agent });
  assert.equal(second.span.attributes['socket.reuse_count'], 1);
  assert.equal(second.span.attributes['socket.client_timeout_ms'], 7_000);
  agent.destroy();
});

/** A pool of one: takes the socket back when the request is done with it. */
function poolOfOne(): { connect(request: ClientRequest): void; destroy(): void } {
  let free: Socket | undefined;
  return {
    connect(request) {
      const socket = free ?? net.connect(server.at as net.TcpNetConnectOpts);
      if (free === undefined) {
        socket.on('free', () => {
          free = socket;
        });
      }
      free = undefined;
      request.onSocket(socket);
    },
    destroy: () => free?.destroy(),
  };
}

test('an agent of the program that has a pool of its own in addRequest', async () => {
  const pool = poolOfOne();
  class Custom extends Agent {
    addRequest(request: ClientRequest): void {
      pool.connect(request);
    }
  }
  await threeInARow(new Custom({ keepAlive: true }));
  pool.destroy();
});

for (const when of ['at once', 'later']) {
  test(`an object with addRequest that is no http.Agent and connects ${when}`, async () => {
    const pool = poolOfOne();
    const agent = {
      defaultPort: 80,
      protocol: 'http:',
      addRequest(request: ClientRequest) {
        request.shouldKeepAlive = true;
        if (when === 'later') setImmediate(pool.connect, request);
        else pool.connect(request);
      },
    };
    await threeInARow(agent);
    pool.destroy();
  });
}

test('an agent that makes its sockets asynchronously, as agent-base does', async () => {
  class Custom extends Agent {
    #made: Socket | undefined;
    createSocket(
      request: ClientRequest,
      options: RequestOptions,
      done: (error: unknown, socket?: Socket) => void,
    ): void {
      setImmediate(() => {
        this.#made = net.connect(options as net.TcpNetConnectOpts);
        createSocket.call(this, request, options, done);
      });
    }
    override createConnection(): Socket | undefined {
      return this.#made;
    }
  }
  const agent = new Custom({ keepAlive: true });
  await threeInARow(agent, 0);
  agent.destroy();
});

test('an agent that hands a request on to another agent has it counted once', async () => {
  const inner = new Agent({ keepAlive: true });
  class Custom extends Agent {
    addRequest(request: ClientRequest, options: RequestOptions): void {
      setImmediate(() => addRequest.call(inner, request, options));
    }
  }
  await threeInARow(new Custom({ keepAlive: true }));
  inner.destroy();
});

test('freeSocketTimeout of agentkeepalive is the client idle timeout, from the first request on', async () => {
  const agent = new KeepAliveAgent({ freeSocketTimeout: 3_000 });
  await threeInARow(agent, 3_000);
  agent.destroy();
  const plain = new KeepAliveAgent();
  await threeInARow(plain, 4_000);
  plain.destroy();
});

test('the idle timeout that was put on one socket counts from then on', async () => {
  const agent = new KeepAliveAgent({ freeSocketTimeout: 3_000 } as AgentOptions);
  agent.on('free', (socket: Socket & { freeSocketTimeout?: number }) => {
    socket.freeSocketTimeout = 2_000;
  });
  await traced(server, '/', { agent });
  await traced(server, '/', { agent });
  const { span } = await traced(server, '/', { agent });
  assert.equal(span.attributes['socket.client_timeout_ms'], 2_000);
  agent.destroy();
});

test('a per-request timeout is not the idle timeout of the pool', async () => {
  const agent = new http.Agent({ keepAlive: true });
  for (const timeout of [9_000, 9_000]) {
    const { span } = await traced(server, '/', { agent, timeout });
    assert.equal(span.attributes['socket.client_timeout_ms'], 0);
  }
  agent.destroy();
});
