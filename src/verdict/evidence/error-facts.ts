import { isConnectTimer, isDeadline } from './codes';

/** Where a connect failed. */
export interface FailedAddress {
  readonly address: string;
  readonly port: number | undefined;
}

/** What an error shows by its codes. No message is read here: `isHangUp` reads the one that Node gives no code of its own. */
export interface ErrorFacts {
  /** Upper-case code, such as `ECONNRESET`; for an `AggregateError`, that of its most telling error. */
  readonly code: string;
  /** `read`, `write`, `connect`, `getaddrinfo` ...; empty if no system call failed. */
  readonly syscall: string;
  /** Empty if there is no error. */
  readonly name: string;
  /** The host name that could not be resolved; empty if the error does not contain one. */
  readonly hostname: string;
  /** The error reports that a deadline passed: `AbortSignal.timeout`, or a client library's own timeout error. */
  readonly deadline: boolean;
  /** The error reports a cancellation. */
  readonly cancelled: boolean;
  /** A timer of this process that limits only connecting, or one of several attempts to connect. */
  readonly connectTimer: boolean;
  /** A proxy did not open a tunnel. Few clients have a code for that: their observers recognise it otherwise. */
  readonly isTunnelRefused: boolean;
  /** One of several addresses refused the connection. */
  readonly anyRefused: boolean;
  /** One of several addresses neither refused nor lacked its address family on this machine: the server may be there. */
  readonly anyOther: boolean;
  /** How many addresses were tried and failed; 0 if the error does not contain that. */
  readonly attempts: number;
  /** The address that failed: of several the one that `code` is about. */
  readonly failedAddress: FailedAddress | undefined;
}

/** What no error shows. */
export const NO_ERROR: ErrorFacts = {
  code: '',
  syscall: '',
  name: '',
  hostname: '',
  deadline: false,
  cancelled: false,
  connectTimer: false,
  isTunnelRefused: false,
  anyRefused: false,
  anyOther: false,
  attempts: 0,
  failedAddress: undefined,
};

/** How many entries of an error's `errors` are read, because the list may be endless. */
const MOST_ERRORS = 64;
/** Codes of a `DOMException`: the reason of an aborted signal, which undici passes on unchanged. */
const ABORT_ERR = 20;
const TIMEOUT_ERR = 23;
/** Codes of a cancelled request. `ERR_CANCELED` is axios's; undici 6 ends an answer with the last, to try again. */
const CANCELLED = new Set(['ABORT_ERR', 'ERR_CANCELED', 'UND_ERR_ABORTED', 'UND_ERR_REQ_RETRY']);

const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Reads any error. Never throws; an unreadable property counts as absent. */
export function errorFactsOf(error: unknown): ErrorFacts {
  if (typeof error !== 'object' || error === null) return NO_ERROR;
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
    hostname: text(telling, 'hostname') || text(error, 'hostname'),
    cancelled,
    deadline:
      name === 'TimeoutError' ||
      number === TIMEOUT_ERR ||
      (cancelled && text(property(error, 'cause'), 'name') === 'TimeoutError') ||
      (syscall === '' && isDeadline(code)),
    connectTimer: isConnectTimer(code) || isAttemptTimer(list, telling),
    isTunnelRefused: code === 'ERR_PROXY_TUNNEL',
    anyRefused: list.some((one) => text(one, 'code') === 'ECONNREFUSED'),
    anyOther: list.some((one) => !isRuledOut(text(one, 'code'))),
    attempts: list.length,
    failedAddress: addressOf(telling) ?? addressOf(list.at(-1)) ?? addressOf(error),
  };
}

/** The entries of an error's `errors`; empty if it is not a list, or cannot be read. */
export function entriesOf(list: unknown): unknown[] {
  try {
    return Array.isArray(list) ? list.slice(0, MOST_ERRORS) : [];
  } catch {
    return [];
  }
}

/**
 * With several addresses, Node limits each but the last by a timer (`autoSelectFamilyAttemptTimeout`), and reports it
 * as the kernel's `connect ETIMEDOUT`, which takes minutes. If the last address did not answer either, the kernel gave
 * up.
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
 * Selects among the errors of several addresses, the last of its kind: that of Node's own timer shows that a server may
 * be there, a refusal shows more than a kernel timeout, and that more than a missing route, which is what every IPv6
 * address gets where there is only IPv4.
 */
function mostTelling(errors: readonly unknown[]): unknown {
  const last = (is: (error: unknown) => boolean) => errors.filter(is).at(-1);
  return (
    last((error) => isAttemptTimer(errors, error)) ??
    last((error) => text(error, 'code') === 'ECONNREFUSED') ??
    last((error) => !NO_ROUTE.has(text(error, 'code'))) ??
    errors[0]
  );
}

/** No server is at an address that fails so: without IPv6, no IPv6 address has a route. A firewall says `EHOSTUNREACH`. */
function isRuledOut(code: string): boolean {
  return code === 'ECONNREFUSED' || (NO_ROUTE.has(code) && code !== 'EHOSTUNREACH');
}

function addressOf(error: unknown): FailedAddress | undefined {
  const address = text(error, 'address');
  if (address === '' || text(error, 'syscall') !== 'connect') return undefined;
  const port = property(error, 'port');
  return { address: printable(address), port: Number.isInteger(port) && Number(port) >= 0 ? Number(port) : undefined };
}

/** No path of a Unix socket is longer, nor of a pipe of Windows. */
const LONGEST_ADDRESS = 256;

/** An address may come from outside: its control characters, and those that turn text around, become `?`. */
function printable(address: string): string {
  return address.slice(0, LONGEST_ADDRESS).replace(/[^ -~\u00a0-\u2027\u202f-\uffff]/g, '?');
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

/** `instanceof` fails for one of another realm, and throws where a realm has no such class. */
export function isDomException(value: unknown): boolean {
  try {
    return Object.prototype.toString.call(value) === '[object DOMException]';
  } catch {
    return false;
  }
}
