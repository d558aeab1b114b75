import type { Origin } from '../../peer/origin';
import { processState } from '../process/process-state';

/** The origin of a request, as its URL names it. */
export interface RequestOrigin {
  readonly protocol: string;
  /** The name of an IPv6 address is what is inside the brackets. */
  readonly host: string;
  readonly port: number;
  readonly origin: Origin;
}

/** The origins of the latest requests by their strings, so that no URL is parsed for each request. */
const known = new Map<string, RequestOrigin>();
const KEPT = 200;
/** No host name with its scheme and port is longer: a longer string is parsed each time, and not kept. */
const LONGEST = 300;

export function forgetRequestOrigins(): void {
  known.clear();
}

/** The origin of a request, which is then the one used last; undefined if invalid, which ends the request. */
export function requestOriginOf(origin: unknown): RequestOrigin | undefined {
  const text = typeof origin === 'string' ? origin : textOf(origin);
  if (text === undefined) return undefined;
  const one = known.get(text);
  // The origin may have been forgotten after long disuse.
  if (one !== undefined && processState.origins.use(one.origin)) return one;
  return parse(text);
}

function textOf(origin: unknown): string | undefined {
  return origin instanceof URL ? `${origin.protocol}//${origin.host}` : undefined;
}

function parse(text: string): RequestOrigin | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port: named } = new URL(text);
  const host = hostname.replace(/^\[|\]$/g, '');
  const port = named === '' ? (protocol === 'https:' ? 443 : 80) : Number(named);
  const parsed = { protocol, host, port, origin: processState.origins.of(protocol, host, port) };
  if (text.length > LONGEST) return parsed;
  if (known.size >= KEPT) known.clear();
  known.set(text, parsed);
  return parsed;
}
