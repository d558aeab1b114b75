/** What an error says by its codes. The prose of its message is never read. */
export interface ErrorFacts {
  /** Upper-case code, such as `ECONNRESET`; that of the most telling one of an `AggregateError`'s errors. */
  readonly code: string;
  /** `read`, `write`, `connect`, `getaddrinfo` …; empty if no system call failed. */
  readonly syscall: string;
  readonly name: string;
  /** It says that a deadline passed: `AbortSignal.timeout`, or a client library's own timeout error. */
  readonly deadline: boolean;
  /** It says that somebody cancelled. */
  readonly cancelled: boolean;
  /** How many addresses were tried and failed; 0 if the error does not say. */
  readonly attempts: number;
}

const NONE: ErrorFacts = { code: '', syscall: '', name: '', deadline: false, cancelled: false, attempts: 0 };

/** Codes of client libraries (and of Node's own timers) for a timeout that the process itself enforced. */
const DEADLINE_CODES = new Set([
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ERR_SOCKET_TIMEOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ECONNABORTED',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
/** A `DOMException`'s: the reason of an aborted signal, which undici hands on as it is. */
const ABORT_ERR = 20;
const TIMEOUT_ERR = 23;

const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Reads an error, whatever it is. Never throws; an unreadable property counts as absent. */
export function errorFactsOf(error: unknown): ErrorFacts {
  if (typeof error !== 'object' || error === null) return NONE;
  const list = property(error, 'errors');
  const told = Array.isArray(list) && list.length > 0 ? mostTelling(list) : error;
  const code = text(told, 'code') || text(error, 'code');
  const syscall = text(told, 'syscall') || text(error, 'syscall');
  const name = text(error, 'name');
  const reason = property(error, 'cause');
  const number = property(error, 'code');
  const cancelled = name === 'AbortError' || code === 'ABORT_ERR' || number === ABORT_ERR || number === TIMEOUT_ERR;
  const deadline =
    name === 'TimeoutError' ||
    (cancelled && text(reason, 'name') === 'TimeoutError') ||
    (syscall === '' && DEADLINE_CODES.has(code));
  return { code, syscall, name, deadline, cancelled, attempts: Array.isArray(list) ? list.length : 0 };
}

/**
 * Of the errors of several addresses: a machine that refused says more than one that kept silent, and that more than a
 * network without a route, which is what every IPv6 address gets where there is only IPv4.
 */
function mostTelling(errors: readonly unknown[]): unknown {
  return (
    errors.find((error) => text(error, 'code') === 'ECONNREFUSED') ??
    errors.find((error) => !NO_ROUTE.has(text(error, 'code'))) ??
    errors[0]
  );
}

function text(from: unknown, key: string): string {
  const value = property(from, key);
  return typeof value === 'string' ? value : '';
}

/** One property of an unknown value; undefined if reading it throws. */
export function property(from: unknown, key: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  try {
    return (from as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
