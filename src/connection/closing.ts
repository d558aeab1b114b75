/** Who ended a connection. `unknown`: a custom pool or a Node version that leaves no trace. */
export type CloseInitiator = 'remote' | 'local' | 'unknown';

/** How a connection ended, as far as the socket shows it. */
export interface Closing {
  readonly atMs: number;
  readonly initiator: CloseInitiator;
  /**
   * What showed the closing: the peer's FIN, its RST, Node's listener on idle sockets, bytes that came on an idle
   * connection (`stray`: the client closes it then), a TCP timeout, our pool's timer, our agent's destroy, or the program
   * (`request`: through its request or response). `unseen`: nothing did.
   */
  readonly how: 'fin' | 'reset' | 'guard' | 'stray' | 'lost' | 'timer' | 'agent' | 'request' | 'program' | 'unseen';
  /** The program destroyed it, with an error of its own or of something else. */
  readonly withError?: true;
  /** A pipeline of Node's destroyed it through its request or response, because one of the pipeline's streams failed. */
  readonly byPipeline?: true;
  /** It was destroyed through its request or response by a timer of the program: perhaps a deadline of its own passed. */
  readonly inTimer?: true;
  /** The same while a promise went on, or in a microtask: nothing shows whether a timer had led to that. */
  readonly mayBeInTimer?: true;
  /** The program had ended its request before, and nobody saw how: it fails only when it would get a connection. */
  readonly noticedLate?: true;
  /** Both sides had ended, this process first: the peer answered that, or had a reason of its own. */
  readonly byBoth?: true;
  /** The program destroyed it when the socket's timer fired, or in what it started then. */
  readonly bySocketTimer?: true;
}

/** This process ended its side of a connection: when, and how much had been read until then. */
export interface OwnEnd {
  readonly atMs: number;
  readonly bytesRead: number;
  readonly bySocketTimer: boolean;
}

/** Who ended a connection that was closed in this way. */
export const INITIATOR_OF: Readonly<Record<Closing['how'], CloseInitiator>> = {
  fin: 'remote',
  reset: 'remote',
  guard: 'remote',
  stray: 'unknown',
  lost: 'unknown',
  unseen: 'unknown',
  timer: 'local',
  agent: 'local',
  request: 'local',
  program: 'local',
};
