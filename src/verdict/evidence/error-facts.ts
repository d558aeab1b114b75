import { isConnectTimer, isDeadline } from './codes';

/** Where a connect failed. */
export interface FailedAddress {
  readonly address: string;
  readonly port: number | undefined;
}

/** What an error says by its codes. The prose of its message is never read. */
export interface ErrorFacts {
  /** Upper-case code, such as `ECONNRESET`; that of the most telling one of an `AggregateError`'s errors. */
  readonly code: string;
  /** `read`, `write`, `connect`, `getaddrinfo` …; empty if no system call failed. */
  readonly syscall: string;
  /** Empty if there is no error. */
  readonly name: string;
  /** It says that a deadline passed: `AbortSignal.timeout`, or a client library's own timeout error. */
  readonly deadline: boolean;
  /** It says that somebody cancelled. */
  readonly cancelled: boolean;
  /** A timer of this process that limits connecting alone, or one of several attempts to connect. */
  readonly connectTimer: boolean;
  /** How many addresses were tried and failed; 0 if the error does not say. */
  readonly attempts: number;
  /** The address that failed, or the last of several. */
  readonly failedAddress: FailedAddress | undefined;
}

const NONE: ErrorFacts = {
  code: '',
  syscall: '',
  name: '',
  deadline: false,
  cancelled: false,
  connectTimer: false,
  attempts: 0,
  failedAddress: undefined,
};

/** How many entries of an error's `errors` are looked at: a list may be a trap, or endless. */
const MOST_ERRORS = 64;
/** A `DOMException`'s: the reason of an aborted signal, which undici hands on as it is. */
const ABORT_ERR = 20;
const TIMEOUT_ERR = 23;
/** Codes of a cancelled request. `ERR_CANCELED` is axios's. */
const CANCELLED = new Set(['ABORT_ERR', 'ERR_CANCELED', 'UND_ERR_ABORTED']);

const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Reads an error, whatever it is. Never throws; an unreadable property counts as absent. */
export function errorFactsOf(error: unknown): ErrorFacts {
  if (typeof error !== 'object' || error === null) return NONE;
  const list = entriesOf(property(error, 'errors'));
  const telling = list.length > 0 ? mostTelling(list) : error;
  const code = text(telling, 'code') || text(error, 'code');
  const syscall = text(telling, 'syscall') || text(error, 'syscall');
  const name = text(error, 'name');
  const number = property(error, 'code');
  const cancelled = name === 'AbortError' || CANCELLED.has(code) || number === ABORT_ERR || number === TIMEOUT_ERR;
  return {
    code,
    syscall,
    name,
    cancelled,
    deadline:
      name === 'TimeoutError' ||
      number === TIMEOUT_ERR ||
      (cancelled && text(property(error, 'cause'), 'name') === 'TimeoutError') ||
      (syscall === '' && isDeadline(code)),
    connectTimer: isConnectTimer(code) || isAttemptTimer(list, telling),
    attempts: list.length,
    failedAddress: addressOf(list.at(-1)) ?? addressOf(error),
  };
}

/** The entries of an error's `errors`; none if it is no list, or cannot be read. */
export function entriesOf(list: unknown): unknown[] {
  try {
    return Array.isArray(list) ? list.slice(0, MOST_ERRORS) : [];
  } catch {
    return [];
  }
}

/**
 * Node gives each of several addresses but the last a time of its own (`autoSelectFamilyAttemptTimeout`) and reports its
 * passing as the kernel's `connect ETIMEDOUT`, which takes minutes. Where the last one kept silent as well, the kernel gave up.
 */
function isAttemptTimer(list: readonly unknown[], telling: unknown): boolean {
  return (
    telling !== list.at(-1) &&
    list.includes(telling) &&
    text(list.at(-1), 'code') !== 'ETIMEDOUT' &&
    text(telling, 'code') === 'ETIMEDOUT' &&
    text(telling, 'syscall') === 'connect'
  );
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

function addressOf(error: unknown): FailedAddress | undefined {
  const address = text(error, 'address');
  if (address === '' || text(error, 'syscall') !== 'connect') return undefined;
  const port = property(error, 'port');
  return { address, port: Number.isInteger(port) && Number(port) >= 0 ? Number(port) : undefined };
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
