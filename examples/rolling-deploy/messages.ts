/** What the processes of this example say to each other. */

/** How an instance goes: killed, `server.close()` and nothing else, or drained well. */
export const WAYS = ['killed', 'close', 'drained'] as const;
export type Way = (typeof WAYS)[number];

export const PATHS = ['direct', 'nginx', 'haproxy'] as const;
export type PathName = (typeof PATHS)[number];

/** The servers of `--all` besides `node:http`, each with the usual library for its shutdown. */
export const SERVERS = ['node', 'terminus', 'close-with-grace', 'fastify'] as const;
export type ServerName = (typeof SERVERS)[number];

/** The argument of an instance. */
export interface InstanceSetup {
  readonly server: ServerName;
  readonly way: Way;
  readonly port: number;
  /** Whether those before it look at its readiness, five times a second or more. */
  readonly isWatched: boolean;
}

/** The argument of the load. */
export interface LoadSetup {
  /** The instances, or the proxy before them. */
  readonly ports: readonly number[];
  /** Where its spans go: OTLP, one JSON document a line. */
  readonly file: string;
}
