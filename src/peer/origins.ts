import { Origin } from './origin';

/** The origins used most recently; the least recently used one is forgotten when there is no room. */
export class Origins {
  readonly #limit: number;
  #newest: Origin | undefined;
  readonly #byKey = new Map<string, Origin>();

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** `path` is that of a Unix socket. */
  of(scheme: string, host: string, port: number | undefined, path = ''): Origin {
    const key = `${scheme}//${host}${port === undefined ? '' : `:${port}`}${path}`;
    const origin = this.#byKey.get(key) ?? new Origin(key, host, port);
    this.touch(origin);
    return origin;
  }

  /** Marks an origin as used now. */
  touch(origin: Origin): void {
    if (origin === this.#newest) return;
    this.#newest = origin;
    this.#byKey.delete(origin.key);
    this.#byKey.set(origin.key, origin);
    if (this.#byKey.size <= this.#limit) return;
    const oldest = this.#byKey.keys().next();
    if (!oldest.done) this.#byKey.delete(oldest.value);
  }
}
