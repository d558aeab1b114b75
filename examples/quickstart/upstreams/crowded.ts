import net, { type AddressInfo } from 'node:net';
import { reportPort } from './report';

/** Accepts nothing: its queue of connections is full, and the kernel (Linux) drops further attempts silently. */
const LONGEST_MS = 60_000;

const server = net.createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  const { port } = server.address() as AddressInfo;
  for (let i = 0; i < 4; i++) net.connect(port, '127.0.0.1').on('error', () => undefined);
  // These connections are made in the next tick, and never accepted after it.
  setImmediate(() => reportPort(port, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LONGEST_MS)));
});
