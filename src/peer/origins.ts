import { clampedHost, head } from './host-name';
import { Origin } from './origin';

/** Matches almost every host. */
const PLAIN = /^[a-z0-9._:-]{1,253}$/;
/** The kernel accepts no longer path. */
const LONGEST_PATH = 108;

/** The most recently used origins; the least recently used one is forgotten when the table is full. */
export class Origins {
  readonly #limit: number;
  /** The most recently used one. */
  newest: Origin | undefined;
  /** An origin was forgotten: what is new here may have been known before. */
  hasForgotten = false;
  readonly #byKey = new Map<string, Origin>();

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Resets the in-use counts, because connections are no longer observed. */
  forgetUse(): void {
    for (const origin of this.#byKey.values()) origin.inUse = 0;
  }

  /** `path` is the path of a Unix socket. Impossible names and paths are shortened. */
  of(scheme: string, host: string, port: number | undefined, path = ''): Origin {
    const name = PLAIN.test(host) ? host : clampedHost(host);
    const socket = head(path, LONGEST_PATH);
    const key = `${scheme}//${name}${port === undefined ? '' : `:${port}`}${socket}`;
    const origin = this.#byKey.get(key) ?? new Origin(key, name, port);
    this.touch(origin);
    return origin;
  }

  /** Marks an origin as used now, unless it was forgotten: then the result is false. */
  use(origin: Origin): boolean {
    if (origin !== this.newest && this.#byKey.get(origin.key) !== origin) return false;
    this.touch(origin);
    return true;
  }

  /** Marks an origin as used now. */
  touch(origin: Origin): void {
    if (origin === this.newest) return;
    this.newest = origin;
    this.#byKey.delete(origin.key);
    this.#byKey.set(origin.key, origin);
    if (this.#byKey.size <= this.#limit) return;
    this.hasForgotten = true;
    const oldest = this.#byKey.keys().next();
    if (!oldest.done) this.#byKey.delete(oldest.value);
  }
}
