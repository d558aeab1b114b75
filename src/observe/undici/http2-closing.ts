import type { Closing } from '../../connection/closing';
import { errorFactsOf } from '../../verdict/evidence/error-facts';
import { UNDICI } from '../process/private-members';
import { read } from '../process/read-private';
import type { ObservedSocket } from '../process/socket';

/**
 * How an HTTP/2 connection ended. undici destroys it with one code whether a timer of its own fired or the peer said
 * goodbye; undici 8 keeps a record of the latter.
 */
export function http2Closing(socket: ObservedSocket, closing: Closing): Closing {
  if (errorFactsOf(socket.errored).code !== 'UND_ERR_INFO') return closing;
  const session = read(socket, UNDICI.session);
  const isGoodbye = session === undefined ? undefined : read(session, UNDICI.receivedGoaway);
  if (isGoodbye === false) return closing;
  return { ...closing, ...(isGoodbye ? GOODBYE : UNSEEN) };
}

const GOODBYE = { how: 'guard', initiator: 'remote' } as const;
const UNSEEN = { how: 'unseen', initiator: 'unknown' } as const;
