import assert from 'node:assert/strict';
import http, { type Agent } from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { SocketInstrumentation } from '../../src/index';
import { exchange, type Peer, startPeer } from '../support/peer';

const instrumentation = new SocketInstrumentation({ enabled: false });
const warned: string[] = [];
process.on('warning', ({ name }) => warned.push(name));
let peer: Peer;
let tlsPeer: Peer;
before(async () => {
  [peer, tlsPeer] = await Promise.all([startPeer(), startPeer({ secure: true })]);
});
after(() => Promise.all([peer.stop(), tlsPeer.stop()]));

/** An agent whose sockets come with listeners of the program, as many as it lets them have at most. */
function crowded(secure: boolean, event: string, count: number, limit: number): Agent {
  const agent = secure ? new https.Agent() : new http.Agent();
  return Object.assign(agent, {
    createConnection(options: net.NetConnectOpts): Socket {
      const socket = secure ? tls.connect(options as tls.ConnectionOptions) : net.connect(options);
      socket.setMaxListeners(limit);
      for (let i = 0; i < count; i += 1) socket.on(event, () => undefined);
      return socket;
    },
  });
}

/** The warnings of a request over such a socket, and the listeners on it while it is being connected. */
async function play(secure: boolean, event: string, count: number, limit: number): Promise<[string[], number]> {
  warned.length = 0;
  let most = 0;
  const tap = (request: http.ClientRequest) => {
    request.on('socket', (socket) => {
      most = socket.listenerCount(event);
    });
  };
  await exchange(secure ? tlsPeer : peer, '/ok', { agent: crowded(secure, event, count, limit), tap });
  await new Promise(setImmediate);
  return [[...warned], most];
}

for (const [secure, events] of [
  [false, ['lookup', 'connect', 'ready']],
  [true, ['lookup', 'connect', 'secureConnect']],
] as const) {
  for (const event of events) {
    test(`${secure ? 'https' : 'http'}: however many ${event} listeners a program has, ours never bring a warning`, async () => {
      let added = 0;
      for (const limit of [1, 3, 10]) {
        for (let count = Math.max(0, limit - 6); count <= limit; count += 1) {
          instrumentation.disable();
          const [without, bare] = await play(secure, event, count, limit);
          instrumentation.enable();
          const [within, most] = await play(secure, event, count, limit);
          if (without.length === 0) assert.deepEqual(within, [], `${count} of ${limit}`);
          added += most - bare;
        }
      }
      instrumentation.disable();
      assert.ok(added > 0, 'where there is room, there is one of ours');
    });
  }
}
