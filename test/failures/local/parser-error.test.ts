import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { socketFailureOf } from '../../../src/index';
import { listen } from '../../support/fresh-port';
import { startPeer, warmAgent } from '../../support/verdict';

/** What a server of this process says of a client that sends no HTTP. */
async function serversError(): Promise<unknown> {
  const server = http.createServer();
  const client = net.connect(await listen(server), '127.0.0.1').on('error', () => undefined);
  client.write('no HTTP at all\r\n\r\n');
  const [error, socket] = await once(server, 'clientError');
  assert.match(error.code, /^HPE_/);
  socket.destroy();
  client.destroy();
  server.close();
  return error;
}

interface Ended {
  readonly request: ClientRequest;
  readonly response: IncomingMessage | undefined;
  readonly agent: http.Agent;
}

/** Each ends a GET of this process with that error: whatever else is ended with it may have been executed. */
const ENDS: Readonly<Record<string, (ended: Ended, error: Error) => unknown>> = {
  'the response, after its agent': ({ agent, response }, error) => {
    agent.destroy();
    response?.destroy(error);
  },
  'the response': ({ response }, error) => response?.destroy(error),
  'the request, after its agent': ({ agent, request }, error) => {
    agent.destroy();
    request.destroy(error);
  },
  'the socket': ({ request }, error) => request.socket?.destroy(error),
  'the socket, by an event': ({ request }, error) => request.socket?.emit('error', error),
};

for (const hasBegun of [false, true])
  for (const [what, end] of Object.entries(ENDS))
    test(`what a server of this process could not parse ends ${what} of a GET ${hasBegun ? 'that is answered' : 'that waits'}: it tells nobody to repeat anything`, async () => {
      const peer = await startPeer();
      const agent = await warmAgent(peer);
      const error = (await serversError()) as Error;
      const request = http.get({ port: peer.port, path: hasBegun ? '/body-hang' : '/hang', agent });
      const closed = once(request, 'close').catch(() => undefined);
      request.on('error', () => undefined);
      let response: IncomingMessage | undefined;
      request.on('response', (message) => {
        response = message.on('error', () => undefined).resume();
      });
      await (hasBegun ? once(request, 'response') : new Promise((done) => setTimeout(done, 50)));
      end({ request, response, agent }, error);
      request.destroy();
      await closed;
      await new Promise((done) => setTimeout(done, 20));
      assert.notEqual(socketFailureOf(error)?.retrySafe, true);
    });
