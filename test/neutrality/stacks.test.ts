import assert from 'node:assert/strict';
import http, { type Agent } from 'node:http';
import net, { type Socket } from 'node:net';
import { test } from 'node:test';
import { SocketInstrumentation } from '../../src/index';
import { exchange, startPeer } from '../support/peer';

new SocketInstrumentation();
Error.stackTraceLimit = 50;

const ours = (stack: string) => stack.split('\n').filter((line) => /[\\/]build[\\/]src[\\/]/.test(line));

test('a stack has one frame of ours for each patched method that it passes, with the name of the method', () => {
  const agent = Object.assign(new http.Agent(), {
    createConnection: () => {
      throw new Error('no connection');
    },
  });
  let stack = '';
  try {
    new http.ClientRequest({ host: '127.0.0.1', port: 1, agent } as never);
  } catch (error) {
    stack = String((error as Error).stack);
  }
  assert.deepEqual(
    ours(stack).map((line) => /at (?:\w+\.)?(\w+) /.exec(line)?.[1]),
    ['createSocket', 'addRequest'],
  );
});

test('what runs inside agent.destroy() has one frame of ours', async () => {
  const peer = await startPeer();
  const agent: Agent = new http.Agent({ keepAlive: true });
  await exchange(peer, '/ok', { agent });
  const [socket] = Object.values(agent.freeSockets).flat() as (Socket | undefined)[];
  assert.ok(socket);
  let stack = '';
  Object.defineProperty(socket, 'destroy', {
    value(...args: []) {
      stack = String(new Error('here').stack);
      return net.Socket.prototype.destroy.apply(this, args);
    },
  });
  agent.destroy();
  assert.deepEqual(
    ours(stack).map((line) => /at (?:\w+\.)?(\w+) /.exec(line)?.[1]),
    ['destroy'],
  );
  await peer.stop();
});
