import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { SocketInstrumentation } from '../src/index';
import { spansOf, startSdk } from './sdk';

startSdk();
new HttpInstrumentation();
const instrumentation = new SocketInstrumentation({ detail: 'full', client: false });
// instrumentation-http patches the module when it is required the next time: before any framework is.
require('node:http');

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
