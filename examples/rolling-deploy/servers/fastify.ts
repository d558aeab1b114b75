import { fastify } from 'fastify';
import { answer } from '../work';
import type { StartServer } from './server';

/** Fastify's own `close()`, with nothing before it: what comes on open connections from then on is answered with 503. */
export const startFastify: StartServer = async ({ port }) => {
  const app = fastify();
  app.get('/ready', () => 'ready');
  app.all('/work', async (request, reply) => {
    reply.hijack();
    await answer(request.raw, reply.raw);
  });
  process.on('SIGTERM', async () => {
    await app.close();
    process.exit();
  });
  await app.listen({ port, host: '127.0.0.1' });
};
