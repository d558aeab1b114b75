import { NODE_METHODS, type PrivateMember, type PrivateMethod } from './private-members';

/** Problems that were not reported yet. */
export const unreported: string[] = [];
/** All problems that were ever found. */
const found = new Set<object>();
/** The symbols with one description: one for each copy of a library. */
const symbols = new Map<string, readonly symbol[]>();
const NONE: readonly symbol[] = [];

/** A private member, if it exists and has its type. Never throws. */
export function read<T>(holder: object, member: PrivateMember<T>): T | undefined {
  let value: unknown;
  try {
    const members = holder as Record<PropertyKey, unknown>;
    if (!member.isSymbol) value = members[member.name];
    else {
      // Most programs have one copy of a library.
      if (member.symbol !== undefined) value = members[member.symbol];
      if (value === undefined) {
        member.symbol = symbolOf(holder, member.name) ?? member.symbol;
        if (member.symbol !== undefined) value = members[member.symbol];
      }
    }
  } catch {}
  if (member.is(value)) return value;
  note(member, value === undefined ? 'is missing' : 'has an unexpected type');
  return undefined;
}

/** Reads the members of the first instance of a class, so that problems are known early. */
export function probe(holder: object, of: string, members: Readonly<Record<string, PrivateMember<unknown>>>): void {
  for (const name in members) {
    const member = members[name];
    if (member?.of === of) read(holder, member);
  }
}

/** Checks that the methods of Node's prototypes exist, as far as those are loaded. */
export function checkMethods(): void {
  for (const method of NODE_METHODS) if (method.prototype !== undefined) checkMethod(method, method.prototype);
}

export function checkMethod(method: PrivateMethod, prototype: object): void {
  if (typeof Reflect.get(prototype, method.name) !== 'function') note(method, 'is missing');
}

function note(member: PrivateMember<unknown> | PrivateMethod, what: string): void {
  if (found.has(member)) return;
  found.add(member);
  unreported.push(
    `${member.of} ${member.name} ${what} (Node ${process.version}): it is unknown ${member.unknownWithout}`,
  );
}

function symbolOf(holder: object, description: string): symbol | undefined {
  const known = symbols.get(description) ?? NONE;
  for (const symbol of known) if (symbol in holder) return symbol;
  const fresh = Object.getOwnPropertySymbols(holder).find((symbol) => symbol.description === description);
  if (fresh !== undefined) symbols.set(description, [...known, fresh]);
  return fresh;
}
