import { type DiagLogger, diag } from '@opentelemetry/api';
import { PACKAGE_NAME } from './version';

type Level = 'error' | 'warn' | 'debug';

/** Messages that are kept while nobody listens; later ones are dropped, because the first mistake explains the others. */
const KEPT = 50;
/** Origins that get a line of their own: who talks to thousands of them must not find only these lines. */
const ORIGINS = 20;

/**
 * What is said through `diag`. A program may set its logger after this package was loaded, and `diag` forgets what is
 * said before: without a logger, a message is kept until the first request is observed, and said then.
 */
export class KeptLog {
  readonly #diag: DiagLogger;
  #kept: (readonly [Level, ...unknown[]])[] = [];
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

  /** One warning about an origin, by its key, and about few origins in all; the last line says that it is the last. */
  warnOfOrigin(key: string, message: string): void {
    if (this.#origins.size >= ORIGINS || this.#origins.has(key)) return;
    this.#origins.add(key);
    this.warn(message);
    if (this.#origins.size === ORIGINS)
      this.warn(`${ORIGINS} origins were reported; from now on only their spans and metrics tell`);
  }

  /** Says what was kept. Called with every request. */
  release(): void {
    if (this.#kept.length === 0) return;
    const kept = this.#kept;
    this.#kept = [];
    for (const [level, ...args] of kept) this.#pass(level, args);
  }

  #say(level: Level, ...args: [string, ...unknown[]]): void {
    if (hasLogger()) this.#pass(level, args);
    else if (this.#kept.length < KEPT) this.#kept.push([level, ...args]);
  }

  /** A logger that throws goes unheard: it would stop the program. */
  #pass(level: Level, [message, ...rest]: readonly unknown[]): void {
    try {
      this.#diag[level](String(message), ...rest);
    } catch {}
  }
}

/** The log of this copy of the package, shared by all of its instances. */
export const log = new KeptLog(diag.createComponentLogger({ namespace: PACKAGE_NAME }));

/**
 * Whether somebody has set a logger. The API has no function for that; its versions 1.x keep the logger here, for all
 * copies in the process. If it is kept elsewhere one day, messages come with the first request.
 */
function hasLogger(): boolean {
  const api = (globalThis as { [key: symbol]: unknown })[Symbol.for('opentelemetry.js.api.1')];
  return typeof api === 'object' && api !== null && 'diag' in api && api.diag !== undefined;
}
