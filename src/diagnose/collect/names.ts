/** Replaces names beyond the limit. */
export const OTHER_NAME = '_OTHER';

/** Numbers for names, so that a name is in memory once; bounded, whatever the spans hold. */
export class Names {
  readonly #most: number;
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  idOf(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= this.#most && name !== OTHER_NAME) return this.idOf(OTHER_NAME);
    const id = this.#names.length;
    this.#names.push(name);
    this.#ids.set(name, id);
    return id;
  }

  /** Undefined if the name is new and there is no more room, for names that no other may stand for. */
  idIfRoom(name: string): number | undefined {
    return this.#ids.has(name) || this.#names.length < this.#most ? this.idOf(name) : undefined;
  }

  nameOf(id: number): string {
    return this.#names[id] ?? OTHER_NAME;
  }
}

/** A name's entry in a bounded map, created on first use; names beyond the bound share one. */
export function entryOf<T>(entries: Map<string, T>, name: string, most: number, make: (name: string) => T): T {
  const known = entries.get(name);
  if (known !== undefined) return known;
  if (entries.size >= most && name !== OTHER_NAME) return entryOf(entries, OTHER_NAME, most, make);
  const made = make(name);
  entries.set(name, made);
  return made;
}
