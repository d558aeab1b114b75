import { property } from '../../verdict/evidence/error-facts';
import type { ObservedSocket } from '../process/socket';

/** Symbols by which copies of undici keep what has no public name: one a copy, found once. */
const symbols: Record<'client' | 'handler' | 'keep alive timeout' | 'reset', symbol[]> = {
  client: [],
  handler: [],
  'keep alive timeout': [],
  reset: [],
};

function hidden(holder: unknown, name: keyof typeof symbols): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  const known = symbols[name].find((symbol) => symbol in holder);
  if (known !== undefined) return (holder as Record<symbol, unknown>)[known];
  const found = Object.getOwnPropertySymbols(holder).find((symbol) => symbol.description === name);
  if (found === undefined) return undefined;
  symbols[name].push(found);
  return (holder as Record<symbol, unknown>)[found];
}

/** undici will close the connection instead of pooling it. */
export function isLast(socket: ObservedSocket): boolean {
  return hidden(socket, 'reset') === true;
}

/**
 * The idle limit that undici has computed for the connection (`keepAliveTimeout`, or the peer's hint less a threshold, at
 * most `keepAliveMaxTimeout`); undefined where it keeps it elsewhere.
 */
export function idleTimeoutMs(socket: ObservedSocket): number | undefined {
  const ms = hidden(hidden(socket, 'client'), 'keep alive timeout');
  return typeof ms === 'number' && ms >= 0 ? ms : undefined;
}

/** The reason of the signal that the program aborted: where a response has begun, undici replaces it by an abort of its own. */
export function abortReasonOf(request: object): unknown {
  return property(hidden(request, 'handler'), 'reason');
}
