import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http, { type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { SpanKind } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { SocketInstrumentation } from '../../src/index';
import { spansOf, startSdk } from '../support/sdk';

startSdk();
new HttpInstrumentation();
const instrumentation = new SocketInstrumentation({ detail: 'full', httpClient: false });
// instrumentation-http patches the module when it is required the next time: before any framework is.
require('node:http');

let built: string | undefined;

/** Nitro's node server, as its own command builds it: a program that listens when it is loaded. */
function buildNitro(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nitro-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true }));
  const nitro = path.dirname(require.resolve('nitro/package.json'));
  fs.mkdirSync(path.join(folder, 'routes'));
  fs.writeFileSync(path.join(folder, 'routes/index.mjs'), "export default () => 'ok';\n");
  fs.symlinkSync(path.dirname(nitro), path.join(folder, 'node_modules'));
  const command = [path.join(nitro, 'dist/cli/index.mjs'), 'build', '--dir', folder, '--preset', 'node-server'];
  execFileSync(process.execPath, command, { timeout: 120_000, stdio: 'pipe' });
  return path.join(folder, '.output/server/index.mjs');
}

/** The server that starts to listen while `body` runs. */
async function listening(body: () => Promise<unknown>): Promise<Server> {
  const { listen } = net.Server.prototype;
  const started = new Promise<Server>((resolve) => {
    net.Server.prototype.listen = function (this: Server, ...args: unknown[]) {
      resolve(this);
      return Reflect.apply(listen, this, args);
    } as typeof listen;
  });
  await body();
  const server = await started;
  net.Server.prototype.listen = listen;
  if (!server.listening) await once(server, 'listening');
  return server;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

let loads = 0;

/** A framework's server, listening on a free port of the loopback address. */
const FRAMEWORKS: Readonly<Record<string, () => Promise<{ server: Server; close(): unknown }>>> = {
  Express: async () => {
    const app = require('express')();
    app.get('/', (_: unknown, response: { send(text: string): void }) => response.send('ok'));
    const server: Server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, close: () => server.close() };
  },
  Fastify: async () => {
    const app = require('fastify')();
    app.get('/', async () => 'ok');
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { server: app.server, close: () => app.close() };
  },
  Koa: async () => {
    const Koa = require('koa');
    const app = new Koa();
    app.use((context: { body: string }) => {
      context.body = 'ok';
    });
    const server: Server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, close: () => server.close() };
  },
  NestJS: async () => {
    require('reflect-metadata');
    const { Controller, Get, Module } = require('@nestjs/common');
    const { NestFactory } = require('@nestjs/core');
    class Root {
      answer() {
        return 'ok';
      }
    }
    Controller()(Root);
    Get()(Root.prototype, 'answer', Object.getOwnPropertyDescriptor(Root.prototype, 'answer'));
    class App {}
    Module({ controllers: [Root] })(App);
    const app = await NestFactory.create(App, { logger: false });
    await app.listen(0, '127.0.0.1');
    return { server: app.getHttpServer(), close: () => app.close() };
  },
  Nitro: async () => {
    built ??= buildNitro();
    process.env.NITRO_HOST = '127.0.0.1';
    process.env.NITRO_PORT = String(await freePort());
    const url = `${pathToFileURL(built)}?${loads++}`;
    const server = await listening(() => import(url));
    return { server, close: () => server.close() };
  },
};

async function get(server: Server, agent: http.Agent): Promise<number | undefined> {
  const { port } = server.address() as AddressInfo;
  const request = http.get({ host: '127.0.0.1', port, agent });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  await once(response.resume(), 'end');
  return response.statusCode;
}

const EVENTS = ['request', 'connection', 'clientError', 'upgrade', 'checkContinue', 'close', 'listening'];
const listenersOf = (server: Server) =>
  EVENTS.map((event) => server.listeners(event).map(({ name, length }) => `${event} ${name} ${length}`));

for (const [name, start] of Object.entries(FRAMEWORKS)) {
  test(`${name}: the SERVER span gets its attributes, and the server keeps the listeners that ${name} gave it`, async () => {
    instrumentation.disable();
    const without = await start();
    const expected = listenersOf(without.server);
    await without.close();
    instrumentation.enable();

    const { server, close } = await start();
    const before = server.listeners('request');
    const agent = new http.Agent({ keepAlive: true });
    const spans = await spansOf(SpanKind.SERVER, 2, async () => {
      assert.equal(await get(server, agent), 200);
      assert.equal(await get(server, agent), 200);
    });
    const [first, second] = spans.map(({ attributes }) => attributes);
    assert.equal(first?.['socket.reuse_count'], 0);
    assert.equal(second?.['socket.reuse_count'], 1);
    assert.equal(second?.['socket.id'], first?.['socket.id']);
    assert.ok(Number(second?.['socket.idle_ms']) >= 0);
    assert.equal(second?.['socket.server_timeout_ms'], server.keepAliveTimeout);
    assert.deepEqual(listenersOf(server), expected);
    assert.deepEqual(server.listeners('request'), before);
    agent.destroy();
    await close();
  });
}
