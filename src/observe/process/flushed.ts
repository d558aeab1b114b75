import type { ObservedSocket } from './socket';

/** Nothing that the program wrote is still in this process. On TLS the handle below is asked, where there is one. */
export function isFlushed(socket: ObservedSocket): boolean {
  if (socket._bytesDispatched !== socket.bytesWritten) return false;
  const handle = socket.encrypted === true ? socket._handle?._parent : socket._handle;
  return !handle?.writeQueueSize;
}
