import type { IdleTimeoutSetting } from '../../connection/idle-timeout-setting';
import type { PoolLimits } from '../../connection/pool-limits';
import type { ReportedFailure } from '../failure';

/** What advice is made from. Whoever reads spans has all of it but the clues; what is absent is not mentioned. */
export interface AdviceFacts {
  /** The verdict, with the facts of the connection. */
  readonly failure: Omit<ReportedFailure, 'explanation'>;
  readonly method: string;
  /** Host and port of the origin. */
  readonly server?: { readonly host: string; readonly port: number | undefined } | undefined;
  /** Scheme of the origin; `http` if it is not known. */
  readonly scheme?: 'http' | 'https' | undefined;
  readonly statusCode?: number | undefined;
  /** What the client in use calls its idle timeout. */
  readonly setting?: IdleTimeoutSetting | undefined;
  readonly pool?: PoolLimits | undefined;
  readonly clues?: Clues | undefined;
}

/** What only the process that failed has seen, and no attribute says. */
export interface Clues {
  /** Code of the error, such as `ECONNRESET`; absent if it does not look like one. */
  readonly code?: string | undefined;
  /** The system call that failed, such as `connect`. */
  readonly syscall?: string | undefined;
  /** How many addresses were tried, if several. */
  readonly addresses?: number | undefined;
  /** Node's own timer for one of several addresses fired. */
  readonly attemptTimer?: boolean | undefined;
  /** The idle closings that show the peer's idle timeout. */
  readonly closings?: { readonly count: number; readonly spreadMs: number } | undefined;
  /** What shows, beside ages and timeouts, that the connection had ended before the request. */
  readonly sign?: 'first_write_failed' | 'early' | 'younger' | undefined;
  /** What shows that the peer was going away. */
  readonly leaving?: 'refused' | 'closings' | undefined;
  /** The connection was gone when the request took it: how it had ended. */
  readonly dead?: string | undefined;
  /** The time that this end shares with others. `silence`: it is the time without a byte. */
  readonly limit?: { readonly ms: number; readonly others: number; readonly silence: boolean } | undefined;
  /** Bytes of the request's body that its `Content-Length` announces and that were not written; below 0: too many. */
  readonly missingBytes?: number | undefined;
  /** The program had written nothing for so long, and had not finished the request. */
  readonly quietMs?: number | undefined;
  /** For so long the event loop was busy since the request was written, instead of waiting for the peer. */
  readonly busyMs?: number | undefined;
  /** The timer that fired was probably that of the agent, with this value. */
  readonly agentTimerMs?: number | undefined;
  /** A field of the protocol says that the peer did not process the request. */
  readonly unprocessed?: boolean | undefined;
}
