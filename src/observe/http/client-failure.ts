import { isIP } from 'node:net';
import { isSetupCall } from '../../verdict/evidence/codes';
import {
  type ErrorFacts,
  errorFactsOf,
  type FailedAddress,
  isDomException,
  NO_ERROR,
  property,
} from '../../verdict/evidence/error-facts';
import { type Evidence, NO_PROGRESS, type RequestProgress, UNKNOWN_PROGRESS } from '../../verdict/evidence/evidence';
import { blindForMs, loopIdleMs, now, pollsSince } from '../process/clock';
import type { SocketState } from '../process/observed-exchange';
import { NODE } from '../process/private-members';
import { processState } from '../process/process-state';
import { read } from '../process/read-private';
import { isOfAnother, reportFailure } from '../process/report-failure';
import { attemptedLast } from '../process/socket/connect-timing';
import { seesTimer } from '../process/socket/hooks';
import { endOf } from '../process/socket/own-end';
import { endpointsOf, type ObservedSocket } from '../process/socket/socket';
import { isOfTunnel } from '../process/verdict-by-error';
import type { HttpExchange } from './client-exchange';
import { awaitEnd } from './client-exchanges';
import { isProxyAgent } from './client-pools';
import { stateOn } from './client-state';
import { isTimedOut, mayBeTimedOut } from './client-timer';

/** Node's code for a proxy that refuses a tunnel. */
export const TUNNEL = 'ERR_PROXY_TUNNEL';
/** On such an error: the request's timeout, in ms, if that passed while the agent waited for its tunnel. */
const TUNNEL_TIMEOUT = 'proxyTunnelTimeout';
/** The default timeout of the `socks` package for the proxy. */
const SOCKS_TIMEOUT_MS = 30_000;
/** Collects the evidence on an exchange that just failed, gets the verdict, and reports it, once per exchange. */
export function failExchange(exchange: HttpExchange, socket: ObservedSocket | undefined, error: unknown): void {
  const { connection, response } = exchange;
  if (exchange.mayBeProxyRefusal && response === undefined) exchange.isProxyRefusal = true;
  // The response is still to be destroyed, with an error that gets the same verdict.
  if (response?.destroyed === false) awaitEnd(exchange);
  exchange.method = methodOf(exchange);
  const closing = closingOf(exchange, socket);
  const facts = shownBy(exchange, error ?? socket?.errored, closing);
  const handleless = exchange.isForeign && !exchange.isProxyRefusal;
  if (!handleless) exchange.origin ??= exchange.originIn(processState.origins);
  if (connection !== undefined && socket !== undefined) connection.endpoints ??= endpointsOf(socket);
  if (exchange.queued && connection === undefined) exchange.queueMs ??= Math.max(0, now() - exchange.createdMs);
  if (!isTimedOut(exchange, socket)) exchange.timedOutAtRead = undefined;
  const state = stateOf(exchange, socket, facts);
  const evidence: Evidence & { readonly exchange: HttpExchange } = {
    ...state,
    exchange,
    nowMs: connection?.closing?.atMs ?? now(),
    error: facts,
    closing,
    request: withAbandoned(state.request, closing, facts),
    waitedMs: exchange.waitedMs(loopIdleMs()),
    blindMs: blindForMs(),
    polls: pollsSince(exchange.pollsAtWrite),
    // A proxy's refusal is not an answer of the peer.
    statusCode: exchange.isProxyRefusal ? undefined : exchange.statusCode,
    failedAddress: failedAddressOf(facts, state.stage === 'connect' ? socket : undefined),
    handleless: handleless || undefined,
    programsError: isProgramsError(error ?? socket?.errored, facts, closing) || undefined,
  };
  reportFailure('httpClient', evidence, error, socket?.errored, reasonOf(error));
}

/** The address that failed to connect: the error's, or the one that this socket was trying. */
function failedAddressOf(
  { failedAddress }: ErrorFacts,
  connecting: ObservedSocket | undefined,
): FailedAddress | undefined {
  if (isIP(failedAddress?.address ?? '') !== 0) return failedAddress;
  return connecting === undefined ? undefined : attemptedLast(connecting);
}

/**
 * The program ended the request with an object of its own. Node makes its own for a request that is destroyed without
 * one, or whose signal is aborted without a reason or by `AbortSignal.timeout`.
 */
function isProgramsError(error: unknown, { code, syscall }: ErrorFacts, closing: Evidence['closing']): boolean {
  if (closing === undefined) return false;
  if (closing.how === 'program') return closing.withError === true;
  if (closing.how !== 'request' && closing.how !== 'timer') return false;
  const reason = reasonOf(error);
  if (code === 'ABORT_ERR') return reason != null && !isDomException(reason);
  if (closing.how === 'timer') return closing.withError === true;
  return error != null && (closing.withError === true || code !== 'ECONNRESET' || syscall !== '');
}

/** The method sent: the program may change it until the header is generated. */
function methodOf({ request, method }: HttpExchange): string {
  const sent = read(request, NODE.header)?.split(' ', 1)[0];
  const set: unknown = property(request, 'method');
  return sent ?? (typeof set === 'string' ? set : method);
}

/** The reason of the signal that aborted a request: whoever shares the signal may throw that. */
function reasonOf(error: unknown): unknown {
  return property(error, 'code') === 'ABORT_ERR' ? property(error, 'cause') : undefined;
}

/** The socket's state, recorded while it was destroyed, or read now. */
function stateOf(exchange: HttpExchange, socket: ObservedSocket | undefined, facts: ErrorFacts): SocketState {
  const { connection, atEnd, request, agentError, isProxyRefusal } = exchange;
  // A request with a socket already has its tunnel, and one still waiting has no agent error, so the error belongs to
  // another request.
  const isRefused = agentError !== undefined && (facts.code === TUNNEL || property(agentError, 'code') === TUNNEL);
  if (isProxyRefusal || (isRefused && connection === undefined && request.socket == null))
    return { stage: 'proxy', progress: NO_PROGRESS, unsent: true };
  if (atEnd !== undefined) return atEnd;
  if (connection === undefined || socket === undefined) return stateWithout(exchange, facts);
  const state = stateOn(exchange, connection, socket, socket.errored);
  // The destroy was not observed; a destroyed socket no longer shows that it was connecting.
  return socket.destroyed && state.unsent ? { ...state, stage: connection.stage } : state;
}

/** There is no stream, or it is not a connection. Only a request that never wrote on one was certainly not sent. */
function stateWithout(exchange: HttpExchange, facts: ErrorFacts): SocketState {
  const { request, connection, queued, agentError, isForeign, wroteBefore } = exchange;
  const progress = { ended: request.writableEnded, missingBytes: undefined, quietMs: undefined, abandoned: false };
  if (request.socket != null || isForeign)
    return {
      stage: 'ready',
      progress: isForeign && progress.ended ? UNKNOWN_PROGRESS : NO_PROGRESS,
      request: progress,
    };
  const isBeingConnected = exchange.isConnecting || (exchange.isUnpooled && isProxyAgent(request.agent));
  // The longer part counts.
  const isQueued = queued && 2 * (exchange.queueMs ?? 0) >= now() - exchange.createdMs;
  const isAsking = request.destroyed && !isBeingConnected && !exchange.isUnpooled;
  const isWaiting = agentError === undefined && (isQueued || isAsking);
  const stage = connection?.stage ?? (isWaiting ? 'queue' : agentStage(exchange, facts));
  return { stage, progress: NO_PROGRESS, request: progress, unsent: wroteBefore ? undefined : true };
}

/**
 * How far the agent got with a connection. Node's agent reports only what failed; after the proxy's answer that is TLS.
 * A request that the program ended meanwhile fails only once the agent has also finished.
 */
function agentStage({ request, agentError, tunnel }: HttpExchange, { syscall }: ErrorFacts): SocketState['stage'] {
  const isFailed = agentError !== undefined;
  if (isFailed && isSetupCall(syscall)) return 'connect';
  if (tunnel !== undefined) return isFailed && tunnel.bytesRead > 0 ? 'tls' : 'proxy';
  return isProxyAgent(request.agent) || (isFailed && isOfTunnel(agentError)) ? 'proxy' : 'connect';
}

/**
 * How the socket was closed. A FIN is read before the socket is destroyed; a request may be destroyed before it has a
 * socket.
 */
function closingOf(exchange: HttpExchange, socket: ObservedSocket | undefined): Evidence['closing'] {
  const { request, connection, agentError, isForeign } = exchange;
  const closing = connection?.closing;
  // The program may have destroyed its request because of a timer that was not observed.
  if (closing?.how === 'request' && socket !== undefined && !seesTimer(socket) && mayBeTimedOut(exchange, socket))
    return { ...closing, how: 'unseen', initiator: 'unknown' };
  if (closing !== undefined) return closing;
  if (isForeign) return undefined;
  if (isCutTunnel(exchange)) return { atMs: now(), initiator: 'remote', how: 'fin' };
  const end = socket === undefined ? undefined : endOf(socket, connection);
  if (end !== undefined) return { ...end, atMs: now() };
  if (request.socket == null && request.destroyed && (agentError === undefined || exchange.isEndedBefore))
    return { atMs: now(), initiator: 'local', how: 'request', noticedLate: true };
  return undefined;
}

/**
 * The program destroyed a request that it had not finished, with an error that is neither a cancellation nor a deadline,
 * or a pipeline did, because one of its streams failed.
 */
function withAbandoned(
  request: RequestProgress | undefined,
  closing: Evidence['closing'],
  { code, syscall, cancelled, deadline }: ErrorFacts,
): RequestProgress | undefined {
  if (request === undefined || closing?.how !== 'request' || cancelled || deadline) return request;
  if (request.ended || request.missingBytes === 0) return request;
  if (closing.byPipeline) return { ...request, abandoned: true, mayBeCancelled: true };
  // When a request is destroyed without an error, Node creates its own, "socket hang up".
  const isForeign = syscall !== '' || (code !== '' && (code !== 'ECONNRESET' || closing.withError === true));
  return isForeign ? { ...request, abandoned: true, mayBeCancelled: true } : request;
}

/**
 * What the error shows. A SOCKS client has no code for a proxy that refuses a tunnel, but an error that names the
 * proxy.
 */
function shownBy(exchange: HttpExchange, error: unknown, closing: Evidence['closing']): ErrorFacts {
  const { agentError, isProxyRefusal } = exchange;
  const facts = errorFactsOf(error);
  if (isCutTunnel(exchange)) return { ...facts, code: '', isTunnelRefused: false };
  if (exchange.isEndedBefore) return NO_ERROR;
  if (property(agentError, TUNNEL_TIMEOUT) !== undefined) return { ...facts, deadline: true };
  if (closing?.how === 'request' && isOfAnother(reasonOf(error) ?? error)) return { ...facts, deadline: false };
  const socks = agentError !== undefined && facts.code === '' ? property(error, 'options') : undefined;
  if (property(socks, 'proxy') === undefined) return isProxyRefusal ? { ...facts, isTunnelRefused: true } : facts;
  // The error of its own timer looks like a denial. The timer does not run while the request is in the agent's queue.
  const timeoutMs = Number(property(socks, 'timeout')) || SOCKS_TIMEOUT_MS;
  const isTimeout = !exchange.queued && now() - exchange.createdMs >= timeoutMs;
  return isTimeout ? { ...facts, deadline: true } : { ...facts, isTunnelRefused: true };
}

/** The proxy ended the connection before it had answered: Node's error for that has neither a status nor a timeout. */
function isCutTunnel({ tunnel, agentError }: HttpExchange): boolean {
  if (tunnel === undefined || property(agentError, 'code') !== TUNNEL) return false;
  return property(agentError, 'statusCode') === undefined && property(agentError, TUNNEL_TIMEOUT) === undefined;
}
