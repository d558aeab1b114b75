/** Who ended a connection. `unknown`: a custom pool or a Node version that leaves no trace. */
export type CloseInitiator = 'remote' | 'local' | 'unknown';

/** How a connection ended, as far as the socket shows it. */
export interface Closing {
  readonly atMs: number;
  readonly initiator: CloseInitiator;
  /**
   * What showed the closing: the peer's FIN, its RST, the client itself, because the peer had ended an idle connection or
   * sent what the client does not accept (`guard`), bytes that came on an idle connection (`stray`: the client closes it
   * then), a TCP timeout or a reset that looks the same (`lost`), our pool's timer, our agent's destroy, or the program
   * (`request`: through its request or response). `unseen`: nothing did.
   */
  readonly how: 'fin' | 'reset' | 'guard' | 'stray' | 'lost' | 'timer' | 'agent' | 'request' | 'program' | 'unseen';
  /** The program destroyed it, perhaps in the socket's timer, with an error of its own or of something else. */
  readonly withError?: true;
  /** Node's client destroyed it without an error, because its parser did not accept what was read. */
  readonly byParser?: true;
  /** A pipeline of Node's destroyed it through its request or response, because one of the pipeline's streams failed. */
  readonly byPipeline?: true;
  /** The program destroyed it in a timer: perhaps a deadline of its own had passed. */
  readonly inTimer?: true;
  /** How long before, in ms, that timer was started; undefined if unknown. */
  readonly timerMs?: number;
  /** The program destroyed it in code that no outside event had called, so a timer may have led to it. */
  readonly mayBeInTimer?: true;
  /** The program had ended its request before, and nobody saw how: it fails only when it would get a connection. */
  readonly noticedLate?: true;
  /** Both sides had ended, this process first: the peer answered that, or had a reason of its own. */
  readonly byBoth?: true;
  /** The program destroyed it when the socket's timer fired, or in what it started then. */
  readonly bySocketTimer?: true;
  /** On a reset: the silence after which TCP probes the connection, in ms; 0 if it never does, undefined if unknown. */
  readonly probeMs?: number | undefined;
}

/** Later packets are each a little late, so their times no longer stand out. */
const MOST_PROBES = 10;
const MOST_REPEATS = 6;
/** By how much the kernel's timers may be late: those of Linux, by an eighth. */
const LATE_TIMER = 1.125;
/** By how much this process may be late in reading the reset. */
const LATE_READ_MS = 100;
/** Linux sends again what is not acknowledged for this time and three round trips, and then for twice the last time. */
const REPEAT_MS = 200;

/**
 * The reset came when TCP's own keep-alive probe was due, after `quietMs` without a packet: it may be the answer to
 * that, of whoever had forgotten the connection at any time before. True if either is unknown.
 */
export function mayAnswerProbe({ how, probeMs }: Closing, quietMs: number | undefined, roundTripMs: number): boolean {
  if (how !== 'reset' || probeMs === 0) return false;
  if (probeMs === undefined || quietMs === undefined) return true;
  const probes = Math.floor(quietMs / probeMs);
  const latestMs = probes * (probeMs * LATE_TIMER + roundTripMs) + roundTripMs + LATE_READ_MS;
  return probes >= 1 && probes <= MOST_PROBES && quietMs <= latestMs;
}

/**
 * A reset so long after the last write, to which no byte has come back, may be the answer to what TCP sends again because
 * nothing acknowledged it.
 */
export function mayAnswerRepeat(sinceWriteMs: number, roundTripMs: number): boolean {
  const repeats = Math.floor(Math.log2(sinceWriteMs / REPEAT_MS + 1));
  const times = 2 ** repeats - 1;
  const latestMs = times * (REPEAT_MS + 3 * roundTripMs) * LATE_TIMER + roundTripMs + LATE_READ_MS;
  return repeats >= 1 && repeats <= MOST_REPEATS && sinceWriteMs <= latestMs;
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
