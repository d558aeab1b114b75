import { cellOf, DNS, decode, encode, type FailedSpan, LARGEST, NONE, WIDTH } from './failure-row';
import { Names } from './names';

/** Failures that are kept one by one; later ones are only counted. */
export const MOST_FAILURES = 200_000;
const MOST_NAMES = 50_000;
/** Fixes differ by their numbers. */
const MOST_FIXES = 5_000;
const MOST_PORTS = 65_536;
const ROWS = 4_096;
/** Cells that are read without the rest of their row. */
const CELLS = {
  service: cellOf('service'),
  instance: cellOf('instance'),
  host: cellOf('host'),
  address: cellOf('address'),
  id: cellOf('connection.id'),
  localPort: cellOf('connection.localPort'),
  phase: cellOf('failure.phase'),
} as const;

/** Up to 200,000 failures in about 160 bytes each, outside the heap. */
export class FailureTable {
  readonly #texts = { names: new Names(MOST_NAMES), fixes: new Names(MOST_FIXES) };
  readonly #cells: Int32Array[] = [];
  readonly #times: Float64Array[] = [];
  length = 0;

  /** Does nothing if there is no more room. */
  add(span: FailedSpan): void {
    if (this.length >= MOST_FAILURES) return;
    const [chunk, row] = [Math.floor(this.length / ROWS), this.length % ROWS];
    if (row === 0) {
      this.#cells.push(new Int32Array(ROWS * WIDTH));
      this.#times.push(new Float64Array(ROWS * 2));
    }
    this.#cells[chunk]?.set(encode(span, this.#texts), row * WIDTH);
    this.#times[chunk]?.set([span.startMs, span.endMs], row * 2);
    this.length += 1;
  }

  at(index: number): FailedSpan {
    const [chunk, row] = [Math.floor(index / ROWS), index % ROWS];
    const cells = this.#cells[chunk]?.subarray(row * WIDTH, (row + 1) * WIDTH) ?? new Int32Array(WIDTH).fill(NONE);
    const startMs = this.#times[chunk]?.[row * 2] ?? Number.NaN;
    return decode(cells, this.#texts, startMs, this.timeOf(index));
  }

  /** When it failed, ms; NaN if unknown. */
  timeOf(index: number): number {
    return this.#times[Math.floor(index / ROWS)]?.[(index % ROWS) * 2 + 1] ?? Number.NaN;
  }

  /** The failures of each host, or of each place, by name. */
  groups(by: 'host' | 'place'): Map<string, number[]> {
    const groups = new Map<string, number[]>();
    for (let index = 0; index < this.length; index += 1) {
      const name = by === 'place' ? this.#placeOf(index) : this.#name(index, CELLS.host);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [index]);
      else group.push(index);
    }
    return groups;
  }

  /** Where it failed: an address, or a host where that is unknown; names are resolved in one place for all hosts. */
  #placeOf(index: number): string {
    if (this.#cell(index, CELLS.phase) === DNS) return `the resolver of ${this.#name(index, CELLS.service)}`;
    return this.#name(index, this.#cell(index, CELLS.address) === NONE ? CELLS.host : CELLS.address);
  }

  #name(index: number, column: number): string {
    return this.#texts.names.nameOf(this.#cell(index, column));
  }

  /**
   * A number shared by failures on one connection, identified by process and local port, else by connection number; a
   * failure without both gets its own.
   */
  connectionOf(index: number): number {
    const instance = this.#cell(index, CELLS.instance);
    const [port, id] = [this.#cell(index, CELLS.localPort), this.#cell(index, CELLS.id)];
    if (port !== NONE) return instance * MOST_PORTS + port;
    return id === NONE ? -1 - index : -1 - MOST_FAILURES - (instance * LARGEST + id);
  }

  #cell(index: number, column: number): number {
    return this.#cells[Math.floor(index / ROWS)]?.[(index % ROWS) * WIDTH + column] ?? NONE;
  }
}
