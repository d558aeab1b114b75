import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startPeer } from '../support/peer';

const fixture = (name: string) => path.join(__dirname, 'fixtures', name);
const major = Number(process.versions.node.split('.')[0]);

// Node's own proxy support came with Node 24.
if (major >= 24) {
  test('NODE_USE_ENV_PROXY: the server is the origin, the peer is the proxy, for http and fetch', async () => {
    const proxies = fork(path.join(__dirname, '../clients/proxies.js'));
    const [[proxy]] = (await once(proxies, 'message')) as [number[]];
    const peer = await startPeer();
    const env = { ...process.env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${proxy}`, NO_PROXY: '' };
    const program = promisify(execFile);
    const { stdout } = await program(process.execPath, [fixture('env-proxy.js'), `http://127.0.0.1:${peer.port}`], {
      env,
      timeout: 30_000,
    });
    assert.deepEqual(JSON.parse(stdout), [
      [peer.port, proxy, 0, null],
      [peer.port, proxy, 1, null],
      [peer.port, proxy, 0, null],
    ]);
    await peer.stop();
    proxies.disconnect();
  });
}

test('a proxy in the environment is nothing to a Node that is not told to use it', async () => {
  const peer = await startPeer();
  const env = { ...process.env, HTTP_PROXY: 'http://127.0.0.1:9' };
  Reflect.deleteProperty(env, 'NODE_USE_ENV_PROXY');
  const program = promisify(execFile);
  const { stdout } = await program(process.execPath, [fixture('env-proxy.js'), `http://127.0.0.1:${peer.port}`], {
    env,
    timeout: 30_000,
  });
  assert.deepEqual(JSON.parse(stdout), [
    [peer.port, peer.port, 0, null],
    [peer.port, peer.port, 1, null],
    [peer.port, peer.port, 0, null],
  ]);
  await peer.stop();
});
