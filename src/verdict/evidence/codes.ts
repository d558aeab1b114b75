import { isCertificate } from './tls-codes';

/** An error code has a meaning only together with its system call. */
interface Said {
  readonly code: string;
  readonly syscall: string;
}

/** Like `Said`, with the address of a failed connect if the error contains it. */
type SaidWithAddress = Said & { readonly failedAddress: { readonly address: string } | undefined };

/**
 * Codes of client libraries (and Node's sockets) for a timeout that the process itself enforced; without a system call.
 */
const DEADLINES = new Set([
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ERR_SOCKET_TIMEOUT',
  'ECONNABORTED',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const CONNECT_TIMERS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT']);

export function isDeadline(code: string): boolean {
  return DEADLINES.has(code);
}

/** Timers that apply only to connecting. */
export function isConnectTimer(code: string): boolean {
  return CONNECT_TIMERS.has(code);
}

/** Of Node's permission model. */
const DENIED = 'ERR_ACCESS_DENIED';
const EXHAUSTED = /^(EMFILE|ENFILE|ENOBUFS|ENOMEM)$/;
const NAME = /^(ENOTFOUND|EAI_\w+)$/;

/**
 * The name was not resolved: `getaddrinfo`, or a query of `dns.Resolver` (`queryA ECONNREFUSED`). A look-up of the
 * program's own may report such a code without a system call.
 */
export function isName({ code, syscall }: Said): boolean {
  if (EXHAUSTED.test(code) || code === DENIED) return false;
  return isNameCall(syscall) || (NAME.test(code) && syscall === '');
}

/**
 * A name server answered that there is no such name. `getaddrinfo` says the same where this process has no descriptors
 * left for the files and sockets with which it would ask.
 */
export function isAnsweredName({ code, syscall }: Said): boolean {
  return code === 'ENOTFOUND' && syscall.startsWith('query');
}

export function isNameCall(syscall: string): boolean {
  return syscall === 'getaddrinfo' || syscall.startsWith('query');
}

const SETUP_CALL = /^(connect|bind|getaddrinfo|query\w*)$/;

/** A system call that fails only before a connection is established. */
export function isSetupCall(syscall: string): boolean {
  return SETUP_CALL.test(syscall);
}

/** Codes that only the making of a connection has. */
export function isOfSetup(
  error: Said & { readonly connectTimer: boolean; readonly isTunnelRefused: boolean },
): boolean {
  const { code, syscall, connectTimer, isTunnelRefused } = error;
  return isName(error) || isSetupCall(syscall) || connectTimer || isTunnelRefused || isCertificate(code);
}

/** Not the path of a Unix socket, which may also have colons. */
const IPV6 = /^[\da-f]*:[\da-f.:]*(%.*)?$/i;

/** Which limit of this machine or process applied. */
export type ResourceLimit = 'exhausted' | 'ports' | 'family' | 'address' | 'permission' | 'model' | 'policy';

/**
 * The operating system of this machine, or a policy of this process, refused. `address`: where it was to connect, if
 * that is known. Without IPv6, every connect to an IPv6 address fails like one for which no port is left.
 */
export function resourceLimitOf({ code, syscall }: Said, address: string | undefined): ResourceLimit | undefined {
  if (EXHAUSTED.test(code) && syscall !== '') return 'exhausted';
  if (code === DENIED) return 'model';
  if (code === 'EADDRNOTAVAIL' && syscall === 'connect') return address?.includes(':') ? 'family' : 'ports';
  if (code === 'EADDRNOTAVAIL' && syscall === 'bind') return 'address';
  if (code === 'EADDRINUSE' && isSocketCall(syscall)) return syscall === 'connect' ? 'ports' : 'address';
  if (code === 'ERR_IP_BLOCKED') return 'policy';
  if (mayBeProhibited({ code, syscall }, address)) return undefined;
  return /^(EACCES|EPERM)$/.test(code) && isSocketCall(syscall) ? 'permission' : undefined;
}

/**
 * Over IPv6, what a firewall or a router on the way prohibits (RFC 4443 section 3.1, codes 1, 5 and 6) is reported by
 * Linux with the code of a process that is not permitted to connect. Without an address it may be that of IPv6.
 */
function mayBeProhibited({ code, syscall }: Said, address: string | undefined): boolean {
  return code === 'EACCES' && syscall === 'connect' && (address === undefined || IPV6.test(address));
}

/** A file without read permission has the same code as a socket without permission to connect. */
function isSocketCall(syscall: string): boolean {
  return syscall === 'connect' || syscall === 'bind';
}

const UNREACHABLE = /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ENONET)$/;

/**
 * The code of the last ICMP error on an established connection: the kernel reports it when it gives the connection up,
 * after minutes. No connect was refused, and nobody has reset anything. On TLS, `write EPROTO` means that TLS failed.
 */
const UNDELIVERED = /^(ECONNREFUSED|EACCES|ENOPROTOOPT|EOPNOTSUPP|ENOTSUP|EPROTO)$/;

/**
 * How surely the error means an unreachable peer. `certain`: there is no route, or something on the way refuses.
 * `possible`: this machine, or the peer's own, may be what refuses.
 */
export function unreachableConfidence(error: SaidWithAddress): 'certain' | 'possible' | undefined {
  const { code, syscall, failedAddress } = error;
  if (syscall !== '' && UNREACHABLE.test(code)) return 'certain';
  const isUndelivered = isCallOnSocket(syscall) && UNDELIVERED.test(code);
  return isUndelivered || mayBeProhibited(error, failedAddress?.address) ? 'possible' : undefined;
}

/** Nothing listens there, or the Unix socket does not exist. */
export function isRefused({ code, syscall }: Said): boolean {
  return syscall === 'connect' && (code === 'ECONNREFUSED' || code === 'ENOENT');
}

/** A call that only an established connection has. */
export function isCallOnSocket(syscall: string): boolean {
  return syscall === 'read' || syscall === 'write';
}

/** A system call on the connection failed. */
export function isFailedCall({ code, syscall }: Said): boolean {
  return syscall !== '' && /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTCONN)$/.test(code);
}

/** Linux reports it if this machine ended the connection, Windows also if the network gave up. */
export function isEndedByKernel({ code, syscall }: Said): boolean {
  return code === 'ECONNABORTED' && syscall !== '';
}

/** The settings of this process limit the size of a response. */
const OWN_LIMITS = new Set(['HPE_HEADER_OVERFLOW', 'UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_EXCEEDED_MAX_SIZE']);

export function isOwnLimit(code: string): boolean {
  return OWN_LIMITS.has(code);
}

/** The body that the program wrote does not have the length that its own `Content-Length` announces. */
const LENGTH_MISMATCH = new Set(['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH']);

export function isLengthMismatch(code: string): boolean {
  return LENGTH_MISMATCH.has(code);
}

/** What the peer sent could not be parsed. undici 7 and 8 omit the code of a parser error. */
export function isParserError({ code, name }: { readonly code: string; readonly name: string }): boolean {
  return code.startsWith('HPE_') || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' || name === 'HTTPParserError';
}

/** undici created it. Other parsers use these codes without that name. */
export function isMadeByUndici({ code, name }: { readonly code: string; readonly name: string }): boolean {
  return code.startsWith('UND_ERR_') || name === 'HTTPParserError';
}

/** A code of Node's HTTP/2 or streams. */
export function isOfHttp2(code: string): boolean {
  return /^ERR_(HTTP2|STREAM)_/.test(code);
}

/** The parser failed on the first bytes: they are not those of HTTP/1.1. */
export function isNoStatusLine(code: string): boolean {
  return /^HPE_(INVALID_CONSTANT|PAUSED_H2_UPGRADE)$/.test(code);
}
