import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { socketFailureOf } from '../../../src/index';
import { listen } from '../../support/fresh-port';
import { startPeer, warmAgent } from '../../support/verdict';

const ignore = () => undefined;

/** Errors of Node's own making that are not about a request of this process. */
const ERRORS: Readonly<Record<string, () => Promise<Error>>> = {
  'what a server of this process could not parse': async () => {
    const server = http.createServer();
    const client = net.connect(await listen(server), '127.0.0.1').on('error', ignore);
    client.write('no HTTP at all\r\n\r\n');
    const [error, socket] = await once(server, 'clientError');
    assert.match(error.code, /^HPE_/);
    socket.destroy();
    client.destroy();
    server.close();
    return error;
  },
  'the hang-up of a database over TLS': async () => {
    const database = net.createServer((socket) => socket.on('error', ignore).once('data', () => socket.end()));
    const client = tls.connect({ port: await listen(database), host: '127.0.0.1' });
    const [error] = await once(client, 'error').catch((reason) => [reason]);
    assert.match(error.message, /before secure TLS connection was established$/);
    client.destroy();
    database.close();
    return error;
  },
};

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

for (const [whose, make] of Object.entries(ERRORS))
  for (const hasBegun of [false, true])
    for (const [what, end] of Object.entries(ENDS))
      test(`${whose} ends ${what} of a GET ${hasBegun ? 'that is answered' : 'that waits'}: it tells nobody to repeat anything`, async () => {
        const peer = await startPeer();
        const agent = await warmAgent(peer);
        const error = await make();
        const request = http.get({ port: peer.port, path: hasBegun ? '/body-hang' : '/hang', agent });
        const closed = once(request, 'close').catch(ignore);
        request.on('error', ignore);
        let response: IncomingMessage | undefined;
        request.on('response', (message) => {
          response = message.on('error', ignore).resume();
        });
        await (hasBegun ? once(request, 'response') : sleep(50));
        end({ request, response, agent }, error);
        request.destroy();
        await closed;
        await sleep(20);
        assert.notEqual(socketFailureOf(error)?.retrySafe, true);
      });
