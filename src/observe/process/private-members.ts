import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';

/**
 * A member that no documentation promises. One that is missing, or of another type, is read as undefined: what rests on
 * it is then unknown, never false.
 */
export interface PrivateMember<T> {
  /** The class whose instances have it. */
  readonly of: string;
  /** Its name, or the description of the symbol. */
  readonly name: string;
  readonly isSymbol?: true;
  readonly is: (value: unknown) => value is T;
  /** What is unknown without it. */
  readonly rests: string;
}

/** A method that no documentation promises, which Node calls and this package patches. */
export interface PrivateMethod {
  readonly of: string;
  readonly prototype: object;
  readonly name: string;
  /** What is unknown where it is missing or not called. */
  readonly rests: string;
}

/** A count, a size or a time. */
const isNumber = (value: unknown): value is number => typeof value === 'number' && value >= 0;
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isString = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isObjectOrNull = (value: unknown): value is object | null => typeof value === 'object';
const isFunction = (value: unknown): value is (...args: unknown[]) => unknown => typeof value === 'function';

/** Members of instances of Node's classes. */
export const NODE = {
  bytesDispatched: {
    of: 'net.Socket',
    name: '_bytesDispatched',
    is: isNumber,
    rests: 'whether anything of a request was sent',
  },
  handle: {
    of: 'net.Socket',
    name: '_handle',
    is: isObjectOrNull,
    rests: 'whether a socket is a connection, and its addresses',
  },
  /** Seconds; 0: Node's default. */
  keepAliveDelay: {
    of: 'net.Socket',
    name: 'kSetKeepAliveInitialDelay',
    isSymbol: true,
    is: isNumber,
    rests: 'when TCP probes give up an idle connection',
  },
  secureEstablished: {
    of: 'tls.TLSSocket',
    name: '_secureEstablished',
    is: isBoolean,
    rests: 'whether a TLS handshake is finished',
  },
  writeQueueSize: {
    of: 'the handle of a net.Socket',
    name: 'writeQueueSize',
    is: isNumber,
    rests: 'whether a request was sent in full',
  },
  /** Of a TLS handle: the one below. */
  parentHandle: {
    of: 'the handle of a tls.TLSSocket',
    name: '_parent',
    is: isObject,
    rests: 'whether a request was sent in full',
  },
  getsockname: {
    of: 'the handle of a net.Socket',
    name: 'getsockname',
    is: isFunction,
    rests: 'the local address of a connection',
  },
  getpeername: {
    of: 'the handle of a net.Socket',
    name: 'getpeername',
    is: isFunction,
    rests: 'the peer address of a connection',
  },
  outputSize: {
    of: 'http.ClientRequest',
    name: 'outputSize',
    is: isNumber,
    rests: 'whether a request was sent in full',
  },
  header: {
    of: 'http.ClientRequest',
    name: '_header',
    is: (value: unknown): value is string | null => value === null || isString(value),
    rests: 'whether a request was as long as its Content-Length',
  },
} as const satisfies Record<string, PrivateMember<unknown>>;

const isFunctionOrNull = (value: unknown): value is object | null => value === null || isFunction(value);
const isNumberOrNull = (value: unknown): value is number | null => value === null || isNumber(value);
const isLength = (value: unknown): value is string | number => isString(value) || typeof value === 'number';
const isAnything = (value: unknown): value is unknown => value !== undefined;

const REQUEST = "undici's Request";
const SOCKET = "the socket of undici's Client";
const PARSER = "the parser of undici's Client";

/** Members of undici's objects: those of versions 6, 7 and 8 agree on them. */
export const UNDICI = {
  /** Null until a client begins to write it. */
  abort: { of: REQUEST, name: 'abort', is: isFunctionOrNull, rests: 'whether a request was sent' },
  body: { of: REQUEST, name: 'body', is: isAnything, rests: 'whether the source of a body failed' },
  contentLength: { of: REQUEST, name: 'contentLength', is: isNumberOrNull, rests: 'whether a request was complete' },
  handler: { of: REQUEST, name: 'handler', isSymbol: true, is: isObject, rests: 'why a request was aborted' },
  client: { of: SOCKET, name: 'client', isSymbol: true, is: isObject, rests: "undici's idle timeout" },
  reset: { of: SOCKET, name: 'reset', isSymbol: true, is: isBoolean, rests: 'whether undici pools a connection' },
  parser: {
    of: SOCKET,
    name: 'parser',
    isSymbol: true,
    is: isObjectOrNull,
    rests: 'how much of a response is missing',
  },
  paused: { of: PARSER, name: 'paused', is: isBoolean, rests: 'whether the program had stopped reading' },
  bodyLength: { of: PARSER, name: 'contentLength', is: isLength, rests: 'how much of a response is missing' },
  bodyRead: { of: PARSER, name: 'bytesRead', is: isNumber, rests: 'how much of a response is missing' },
  keepAliveTimeout: {
    of: "undici's Client",
    name: 'keep alive timeout',
    isSymbol: true,
    is: isNumber,
    rests: "undici's idle timeout",
  },
} as const satisfies Record<string, PrivateMember<unknown>>;

/** Methods of Node's prototypes. */
export const NODE_METHODS: readonly PrivateMethod[] = [
  {
    of: 'net.Socket',
    prototype: net.Socket.prototype,
    name: '_writeGeneric',
    rests: 'when a request was sent',
  },
  {
    of: 'net.Socket',
    prototype: net.Socket.prototype,
    name: '_onTimeout',
    rests: "whether a socket's timer ended a request",
  },
  {
    of: 'net.Socket',
    prototype: net.Socket.prototype,
    name: '_destroy',
    rests: 'how a connection ended',
  },
  {
    of: 'tls.TLSSocket',
    prototype: tls.TLSSocket.prototype,
    name: '_init',
    rests: 'how long undici took to connect on Node 20',
  },
  {
    of: 'http.ClientRequest',
    prototype: http.ClientRequest.prototype,
    name: 'onSocket',
    rests: 'which connection carries a request',
  },
  {
    of: 'http.Agent',
    prototype: http.Agent.prototype,
    name: 'addRequest',
    rests: 'how long a request waited for a connection',
  },
  {
    of: 'http.Agent',
    prototype: http.Agent.prototype,
    name: 'removeSocket',
    rests: 'how long a connection was idle',
  },
  {
    of: 'http.Agent',
    prototype: http.Agent.prototype,
    name: 'createSocket',
    rests: 'whether a socket of a proxy agent was used before',
  },
];
