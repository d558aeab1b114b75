import type { Server, Socket } from 'node:net';
import type { Action, UpstreamMessage } from '../messages';

/** How an upstream talks to the demo. */

process.on('disconnect', () => process.exit());
// Ctrl-C reaches all processes, but the demo itself ends the others.
process.on('SIGINT', () => undefined);

/** Listens on a free port, or on the port of the process that it replaces, and reports which. */
export function listen(server: Server, port = 0): void {
  server.listen(port, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null) reportPort(address.port);
  });
}

export function reportPort(port: number, sent: () => void = () => undefined): void {
  send({ listening: port }, sent);
}

/** It no longer listens. */
export function reportStopped(): void {
  send({ stopped: true });
}

function send(message: UpstreamMessage, sent: () => void = () => undefined): void {
  process.send?.(message, sent);
}

/** Reports afterwards what was done with a connection; `call` is the path of its last request, `port` the client's. */
export function reportAction(action: Action, call: string, port: Socket['remotePort']): void {
  send({ action: { action, call, port } });
}

/** The application that sent a request, from the request's path. */
export const applicationOf = (call: string) => call.split('/')[1] ?? '';
