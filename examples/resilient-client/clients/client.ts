export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** Its path, and its name in the peer's log. */
  readonly name: string;
  readonly body?: Buffer;
}

/** Sends one call and reads the whole answer; rejects if there was none. */
export type Send = (call: Call) => Promise<unknown>;

/** One library, as most programs use it, and as they should. */
export interface Client {
  naive(origin: string): Send | Promise<Send>;
  fixed(origin: string): Send | Promise<Send>;
}
