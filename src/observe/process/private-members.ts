import http from 'node:http';
import net from 'node:net';

/**
 * A member that is not documented. One that is missing, or of another type, is read as undefined: what depends on it is
 * then unknown, never false.
 */
export interface PrivateMember<T> {
  /** The class whose instances have it. */
  readonly of: string;
  /** Its name, or the description of the symbol. */
  readonly name: string;
  readonly isSymbol: boolean;
  /** The symbol that was found last. */
  symbol: symbol | undefined;
  readonly is: (value: unknown) => value is T;
  /** What is unknown without it. */
  readonly unknownWithout: string;
}

/** An undocumented method that Node calls and this package patches. */
export interface PrivateMethod {
  readonly of: string;
  /** Undefined if its module is not always loaded. */
  readonly prototype: object | undefined;
  readonly name: string;
  /** What is unknown where it is missing or not called. */
  readonly unknownWithout: string;
}

/** A count, a size or a time. */
const isNumber = (value: unknown): value is number => typeof value === 'number' && value >= 0;
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isString = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isFunction = (value: unknown): value is (...args: unknown[]) => unknown => typeof value === 'function';
const isObjectOrNull = (value: unknown): value is object | null => typeof value === 'object';
const isObjectOrAbsent = (value: unknown): value is object | null | undefined =>
  value === undefined || isObjectOrNull(value);
/** The handle of a pipe does not have this method. */
const isMethodOrNone = (value: unknown): value is ((into: object) => unknown) | undefined =>
  value === undefined || typeof value === 'function';

type Is<T> = PrivateMember<T>['is'];

function member<T>(of: string, name: string, is: Is<T>, unknownWithout: string): PrivateMember<T> {
  return { of, name, isSymbol: false, symbol: undefined, is, unknownWithout };
}

function symbol<T>(of: string, name: string, is: Is<T>, unknownWithout: string): PrivateMember<T> {
  return { of, name, isSymbol: true, symbol: undefined, is, unknownWithout };
}

function method(of: string, prototype: object | undefined, name: string, unknownWithout: string): PrivateMethod {
  return { of, prototype, name, unknownWithout };
}

/** `NODE.bytesDispatched`, unchecked: each request reads it, and `read` is slower than this member. */
export function bytesDispatchedIn(socket: object): unknown {
  return (socket as { readonly _bytesDispatched?: unknown })._bytesDispatched;
}

/** Members of instances of Node's classes. */
export const NODE = {
  bytesDispatched: member('net.Socket', '_bytesDispatched', isNumber, 'whether anything of a request was sent'),
  /** Negative on a timer that was cleared. */
  timerDelay: member(
    'a timer',
    '_idleTimeout',
    (value: unknown): value is number => typeof value === 'number',
    'whether the timer that ended a request was its deadline',
  ),
  handle: member('net.Socket', '_handle', isObjectOrNull, 'whether a socket is a connection, and its addresses'),
  /** The name that Node itself looks up for it. */
  host: member(
    'net.Socket',
    '_host',
    (value: unknown): value is string | null => value === null || isString(value),
    'whether a connection failed while a name was resolved',
  ),
  keepAlive: symbol('net.Socket', 'kSetKeepAlive', isBoolean, 'whether TCP probes a connection'),
  /** In seconds; 0, or NaN, where the program left it out: what was set before, or the system's. */
  keepAliveDelay: symbol(
    'net.Socket',
    'kSetKeepAliveInitialDelay',
    (value: unknown): value is number => typeof value === 'number',
    'when TCP probes a connection',
  ),
  secureEstablished: member('tls.TLSSocket', '_secureEstablished', isBoolean, 'whether a TLS handshake is finished'),
  /** Only `tls.connect` sets it. */
  connectOptions: symbol(
    'tls.TLSSocket',
    'connect-options',
    (value: unknown): value is object | undefined => value === undefined || isObject(value),
    'whether a request left before its certificate was refused',
  ),
  /** True until the certificate is accepted; always true on a socket created without `tls.connect`. */
  secureConnecting: member(
    'tls.TLSSocket',
    'secureConnecting',
    isBoolean,
    'whether a request left before its certificate was refused',
  ),
  writeQueueSize: member(
    'the handle of a net.Socket',
    'writeQueueSize',
    isNumber,
    'whether a request was sent in full',
  ),
  /** The socket below TLS, where it was created first. */
  parentSocket: member('tls.TLSSocket', '_parent', isObjectOrAbsent, 'which TCP connection is below a TLS one'),
  /** The handle below a TLS handle. */
  parentHandle: member('the handle of a tls.TLSSocket', '_parent', isObject, 'whether a request was sent in full'),
  getsockname: member('the handle of a net.Socket', 'getsockname', isMethodOrNone, 'the local address of a connection'),
  getpeername: member('the handle of a net.Socket', 'getpeername', isMethodOrNone, 'the peer address of a connection'),
  outputSize: member('http.ClientRequest', 'outputSize', isNumber, 'whether a request was sent in full'),
  /** Set on a request that waits in an agent's queue. */
  queueOptions: symbol(
    'http.ClientRequest',
    'requestOptions',
    (value: unknown): value is object | undefined => value === undefined || isObject(value),
    'how long a request waited for a connection',
  ),
  /** True on a socket on which an agent of Node's asks a proxy for a tunnel. */
  awaitsTunnel: symbol(
    'a net.Socket to a proxy',
    'kWaitForProxyTunnel',
    (value: unknown): value is boolean | undefined => value === undefined || isBoolean(value),
    'whether a proxy ended a connection',
  ),
  response: member('http.ClientRequest', 'res', isObjectOrNull, 'whether a request was upgraded'),
  parser: member('http.ClientRequest', 'parser', isObjectOrNull, 'whether what arrived was an interim answer'),
  /** The message that it read last. */
  incoming: member(
    'the parser of a http.ClientRequest',
    'incoming',
    isObjectOrNull,
    'whether what arrived was an interim answer',
  ),
  /** The header was written, perhaps with the first bytes of the body. */
  headerSent: member('http.ServerResponse', '_headerSent', isBoolean, 'whether a response had begun'),
  header: member(
    'http.ClientRequest',
    '_header',
    (value: unknown): value is string | null => value === null || isString(value),
    'whether a request was as long as its Content-Length',
  ),
} as const satisfies Record<string, PrivateMember<unknown>>;

const isFunctionOrNull = (value: unknown): value is object | null => value === null || isFunction(value);
const isNumberOrNull = (value: unknown): value is number | null => value === null || isNumber(value);
const isLength = (value: unknown): value is string | number => isString(value) || typeof value === 'number';
const isAnything = (value: unknown): value is unknown => value !== undefined;

const REQUEST = "undici's Request";
const SOCKET = "the socket of undici's Client";
const PARSER = "the parser of undici's Client";

/** Members of undici's objects that are the same in versions 6, 7 and 8. */
export const UNDICI = {
  /** Null until a client begins to write it. */
  abort: member(REQUEST, 'abort', isFunctionOrNull, 'whether a request was sent'),
  body: member(REQUEST, 'body', isAnything, 'whether the source of a body failed'),
  contentLength: member(REQUEST, 'contentLength', isNumberOrNull, 'whether a request was complete'),
  handler: symbol(REQUEST, 'handler', isObject, 'why a request was aborted'),
  client: symbol(SOCKET, 'client', isObject, "undici's idle timeout"),
  /** True: undici will close the connection instead of pooling it. Meaningless on HTTP/2. */
  reset: symbol(SOCKET, 'reset', isBoolean, 'whether undici pools a connection'),
  /** With what the socket failed last. */
  error: symbol(SOCKET, 'error', isObjectOrAbsent, 'whether TLS broke a connection'),
  parser: symbol(SOCKET, 'parser', isObjectOrNull, 'how much of a response is missing'),
  paused: member(PARSER, 'paused', isBoolean, 'whether the program had stopped reading'),
  bodyLength: member(PARSER, 'contentLength', isLength, 'how much of a response is missing'),
  bodyRead: member(PARSER, 'bytesRead', isNumber, 'how much of a response is missing'),
  keepAliveTimeout: symbol("undici's Client", 'keep alive timeout', isNumber, "undici's idle timeout"),
} as const satisfies Record<string, PrivateMember<unknown>>;

/** The method of a TLS socket that is called when it is created. */
export const TLS_INIT = method('tls.TLSSocket', undefined, '_init', 'how long undici took to connect on Node 20');

/** Methods of Node's prototypes. */
export const NODE_METHODS: readonly PrivateMethod[] = [
  method('net.Socket', net.Socket.prototype, '_writeGeneric', 'when a request was sent'),
  method('net.Socket', net.Socket.prototype, '_onTimeout', "whether a socket's timer ended a request"),
  method('net.Socket', net.Socket.prototype, '_destroy', 'how a connection ended'),
  method('net.Socket', net.Socket.prototype, '_final', 'which side ended a connection first'),
  TLS_INIT,
  method('http.ClientRequest', http.ClientRequest.prototype, 'onSocket', 'which connection carries a request'),
  method('http.Agent', http.Agent.prototype, 'addRequest', 'how long a request waited for a connection'),
  method('http.Agent', http.Agent.prototype, 'removeSocket', 'how long a connection was idle'),
  method('http.Agent', http.Agent.prototype, 'createSocket', 'whether a socket of a proxy agent was used before'),
];
