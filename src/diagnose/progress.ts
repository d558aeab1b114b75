import type { WriteStream } from 'node:tty';
import type { Collection } from './collect/collection';
import type { Progress } from './read/read-bytes';
import { number } from './wording';

const EVERY_MS = 250;
const CLEAR = '\r\x1b[K';

/** A progress line for reading, on a terminal only. */
export class ProgressLine {
  readonly #out: Pick<WriteStream, 'isTTY' | 'write'>;
  readonly #collection: Collection;
  #last = Date.now();
  #isShown = false;

  constructor(out: Pick<WriteStream, 'isTTY' | 'write'>, collection: Collection) {
    this.#out = out;
    this.#collection = collection;
  }

  /** For the source of this name. */
  of(name: string): Progress {
    return (bytes) => {
      const now = Date.now();
      if (!this.#out.isTTY || now - this.#last < EVERY_MS) return;
      this.#last = now;
      this.#isShown = true;
      const { spans, failures } = this.#collection;
      this.#out.write(
        `${CLEAR}${name}: ${number(Math.round(bytes / 1e6))} MB, ${number(spans)} spans, ${number(failures)} failures`,
      );
    };
  }

  clear(): void {
    if (this.#isShown) this.#out.write(CLEAR);
    this.#isShown = false;
  }
}
