/** Who ended a connection. `unknown`: a custom pool or a Node version that leaves no trace. */
export type CloseInitiator = 'remote' | 'local' | 'unknown';

/** How a connection ended, as far as the socket told. */
export interface Closing {
  readonly atMs: number;
  readonly initiator: CloseInitiator;
  /**
   * What showed it: the peer's FIN, its RST, Node's guard of idle sockets, TCP that gave up, our pool's timer, our agent's
   * destroy, the program (`request`: through its request or response). `unseen`: nothing did.
   */
  readonly how: 'fin' | 'reset' | 'guard' | 'lost' | 'timer' | 'agent' | 'request' | 'program' | 'unseen';
}
