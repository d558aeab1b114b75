import fc from 'fast-check';

const CODES = [
  'ECONNRESET',
  'EPIPE',
  'ECONNREFUSED',
  'ENOENT',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EMFILE',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPROTO',
  'CERT_HAS_EXPIRED',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'HPE_INVALID_CONSTANT',
  'HPE_HEADER_OVERFLOW',
  'ERR_PROXY_TUNNEL',
  'ERR_STREAM_DESTROYED',
  'ERR_HTTP2_STREAM_ERROR',
  'ABORT_ERR',
  'UND_ERR_ABORTED',
  'UND_ERR_SOCKET',
  'UND_ERR_INFO',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_PRX_TLS',
  'UND_ERR_SOCKS5_REPLY_5',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  '',
];
const SYSCALLS = [undefined, 'read', 'write', 'connect', 'bind', 'getaddrinfo', 'queryA'];
const NAMES = ['Error', 'AbortError', 'TimeoutError', 'HTTPParserError'];

/** The plain content of an error: fast-check prints it, and each run gets an error object of its own. */
export interface ErrorPlan {
  readonly code: string;
  readonly syscall: string | undefined;
  readonly name: string;
}

export const errorPlan: fc.Arbitrary<ErrorPlan | undefined> = fc.option(
  fc.record({
    code: fc.constantFrom(...CODES),
    syscall: fc.constantFrom(...SYSCALLS),
    name: fc.constantFrom(...NAMES),
  }),
  { nil: undefined },
);

export function errorOf(plan: ErrorPlan | undefined): Error | undefined {
  if (plan === undefined) return undefined;
  const { code, syscall, name } = plan;
  return Object.assign(
    new Error('made up'),
    { name },
    code === '' ? {} : { code },
    syscall === undefined ? {} : { syscall },
  );
}

/** What the kernel reports when the peer's RST is read. */
export function resetError(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}
