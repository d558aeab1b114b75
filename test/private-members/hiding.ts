import type { PrivateMember } from '../../src/observe/process/private-members';

/** The file that reads private members: it alone finds them gone, because Node itself needs most of them. */
const READER = /read-private\.js/;

/** Takes a member of one instance away from the package that is tested: it is missing, or of another type. */
export function hide(holder: object, { name, isSymbol }: PrivateMember<unknown>, instead: unknown): void {
  const key = isSymbol ? symbolOf(holder, name) : name;
  if (key === undefined) return;
  let real: unknown = Reflect.get(holder, key);
  const inherited = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(holder), key)?.get;
  Object.defineProperty(holder, key, {
    configurable: true,
    get() {
      if (READER.test(String(new Error('where').stack))) return instead;
      return inherited === undefined ? real : inherited.call(holder);
    },
    set(value: unknown) {
      real = value;
    },
  });
}

function symbolOf(holder: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(holder).find((symbol) => symbol.description === description);
}
