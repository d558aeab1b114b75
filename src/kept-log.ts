import { type DiagLogger, diag } from '@opentelemetry/api';
import { PACKAGE_NAME } from './version';

type Level = 'error' | 'warn' | 'debug';

/**
 * How many messages are kept without a logger; later ones are dropped, because the first mistake explains the others.
 */
const KEPT = 50;
/**
 * How many origins get a warning: a program that talks to thousands of them must not find only these lines in its log.
 */
const ORIGINS = 20;

/**
 * The messages logged through `diag`. A program may set its logger after this package was loaded, and `diag` drops what
 * is logged before: without a logger, a message is kept until the first request is observed, and logged then.
 */
export class KeptLog {
  readonly #diag: DiagLogger;
  #kept: (readonly [Level, ...unknown[]])[] = [];
  /** Whether any message is kept. Checked on every request. */
  isKeeping = false;
  readonly #origins = new Set<string>();

  constructor(logger: DiagLogger) {
    this.#diag = logger;
  }

  error(message: string, error: unknown): void {
    this.#say('error', message, error);
  }

  warn(message: string): void {
    this.#say('warn', message);
  }

  debug(message: string): void {
    this.#say('debug', message);
  }

  /**
   * Logs one warning per origin, by its key, for a limited number of origins; the last one says that no more will
   * follow.
   */
  warnOfOrigin(key: string, message: string): void {
    if (this.#origins.size >= ORIGINS || this.#origins.has(key)) return;
    this.#origins.add(key);
    this.warn(message);
    if (this.#origins.size === ORIGINS)
      this.warn(`${ORIGINS} origins were reported; further ones appear only in spans and metrics`);
  }

  /** Logs what was kept. */
  release(): void {
    const kept = this.#kept;
    this.#kept = [];
    this.isKeeping = false;
    for (const [level, ...args] of kept) this.#pass(level, args);
  }

  #say(level: Level, ...args: [string, ...unknown[]]): void {
    if (hasLogger()) this.#pass(level, args);
    else if (this.#kept.length < KEPT) this.isKeeping = this.#kept.push([level, ...args]) > 0;
  }

  /** An exception of the logger is ignored: it would stop the program. */
  #pass(level: Level, [message, ...rest]: readonly unknown[]): void {
    try {
      this.#diag[level](String(message), ...rest);
    } catch {}
  }
}

/** The log of this copy of the package, shared by all of its instances. */
export const log = new KeptLog(diag.createComponentLogger({ namespace: PACKAGE_NAME }));

/**
 * Whether a logger is set. The API has no function for that; its versions 1.x keep the logger here, for all copies in
 * the process. If a later version keeps it elsewhere, messages are logged with the first request.
 */
function hasLogger(): boolean {
  const api = (globalThis as { [key: symbol]: unknown })[Symbol.for('opentelemetry.js.api.1')];
  return typeof api === 'object' && api !== null && 'diag' in api && api.diag !== undefined;
}
