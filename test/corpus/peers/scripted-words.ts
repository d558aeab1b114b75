import type { Socket } from 'node:net';
import type { Ending } from './peer';

/** What a path asks for. */
export function act(target: string): { verb: string; ms: number } {
  const [, verb = 'ok', ms = '0'] = target.split('/');
  return { verb, ms: Number(ms) };
}

export function idOf(header: string): string | undefined {
  return /^x-id: *(\S+)/im.exec(header)?.[1];
}

/** The TCP socket below TLS: only there an RST can be sent. */
function raw(socket: Socket): Socket {
  return (socket as Socket & { _parent?: Socket | null })._parent ?? socket;
}

/** Runs `told` when the kernel has been told. */
export function close(socket: Socket, how: Ending, told: () => void = () => undefined): void {
  if (socket.destroyed) {
    told();
    return;
  }
  if (how === '408') socket.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  if (how === 'rst') raw(socket).once('close', told).resetAndDestroy();
  else if (how === 'destroy') socket.once('close', told).destroy();
  else socket.end(told);
}
