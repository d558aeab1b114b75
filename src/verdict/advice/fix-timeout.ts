import { FORGOTTEN_MS } from '../evidence/timing';
import type { FailurePhase } from '../failure';
import { CHECK_RESOLVER, type Fix, OWN_DEADLINE, UNBLOCK_LOOP } from './advice';
import type { AdviceFacts, Clues } from './advice-facts';
import { undiciOptions } from './idle-timeout-settings';
import {
  askedFor,
  counted,
  durationText,
  isAnotherAsked,
  isOfLength,
  isReady,
  lengthFix,
  peerOf,
  toAllow,
} from './phrases';
import { mayHaveWaited, totalMs, whereTimeWent } from './where-time-went';

/** What to do about a timeout of this process. */
export function timeoutFix(facts: AdviceFacts): Fix | string {
  const { failure, clues } = facts;
  if (clues?.code === 'UND_ERR_HEADERS_TIMEOUT') return headersTimeoutFix(facts);
  if (clues?.code === 'UND_ERR_BODY_TIMEOUT')
    return 'Find out why the response stalls, or allow more time between two bytes (bodyTimeout of undici, 300 s by default)';
  if (clues?.agentTimerMs !== undefined && clues.code === 'ERR_SOCKET_TIMEOUT')
    return `Find what is slow at ${peerOf(facts)}, or give agentkeepalive a longer timeout than ${durationText(clues.agentTimerMs)}`;
  if (clues?.agentTimerMs !== undefined && isReady(failure.phase))
    return `Find the code that destroys a request on 'timeout': ${agentTimer(clues)} emits it on slow requests too`;
  if (totalMs(facts) < NO_TIME_MS) return `${OWN_DEADLINE}: this one had passed before, or left no time`;
  const part = whereTimeWent(facts)?.part ?? failure.phase;
  const more = mayHaveWaited(facts) ? 'allow more time' : `allow more than ${durationText(toAllow(totalMs(facts)))}`;
  switch (part) {
    case 'queue':
      return morePool(facts);
    case 'dns':
      return `${CHECK_RESOLVER}, and what keeps the threads of libuv busy (UV_THREADPOOL_SIZE, 4 by default), or ${more}`;
    case 'connect':
      return `Find what makes connecting to ${askedFor(facts)} slow (lost packets, a full accept queue), or ${more}`;
    case 'proxy':
      return `Find what makes the proxy slow, or ${more}`;
    case 'tls':
      return `Find what makes the TLS handshake slow, or ${more}`;
    case 'busy':
      return `${UNBLOCK_LOOP}${isMostlyBusy(facts) ? '' : `, or what is slow at ${peerOf(facts)}`}: the answer may have come in time`;
    case 'before':
      return `Find what kept the request from a connection, such as a full pool or a slow proxy, or ${more}`;
    case 'request':
      if (clues?.awaitsContinue)
        return `Find what is slow at ${peerOf(facts)}, or send the body without Expect: 100-continue`;
      if (isOfLength(clues)) return lengthFix(clues);
      if (failure.sent === 'none') return `Find what keeps this process from sending the request, or ${more}`;
      return `Find what makes the upload slow, or ${more}`;
    default:
      if (clues?.unread !== undefined) return `Find what keeps this process from reading the response, or ${more}`;
      if (mayHaveWaited(facts))
        return `Find what is slow at ${peerOf(facts)}, or what holds its connections if the pool limits them, or ${more}`;
      if (isForgotten(facts))
        return `Find what is slow at ${peerOf(facts)}, or what on the way forgets idle connections, or ${more}`;
      return `Find what is slow at ${peerOf(facts)}, or ${more}`;
  }
}

/** Node sets it on a socket in the pool, and leaves it there for the next request. */
function agentTimer({ agentTimerMs = 0, isTimerAnnounced }: Clues): string {
  return isTimerAnnounced
    ? `the idle timeout of ${durationText(agentTimerMs)}, which the agent takes from the peer's Keep-Alive header, stays on a reused connection, and`
    : `the agent's timeout of ${durationText(agentTimerMs)}`;
}

/** A deadline that leaves less time than this is shared by several requests. */
const NO_TIME_MS = 5;

function isForgotten({ clues, failure }: AdviceFacts): boolean {
  return clues?.isIdleUnproven === true && (failure.connection.idleMs ?? 0) >= FORGOTTEN_MS;
}

/** A process that was busy for less may have looked for an answer before the timer fired. */
function isMostlyBusy(facts: AdviceFacts): boolean {
  return (facts.clues?.busyMs ?? 0) >= 0.75 * totalMs(facts);
}

/** The timer begins when the request was written. */
function headersTimeoutFix({ clues, setting }: AdviceFacts): Fix {
  const ms = clues?.sinceLastWriteMs;
  const text = 'Find out why the response does not begin, or allow';
  if (ms === undefined) return { text: `${text} more time (headersTimeout of undici, 300 s by default)` };
  return {
    text: `${text} twice the time (headersTimeout)`,
    ...undiciOptions(setting, `headersTimeout: ${toAllow(2 * ms)}`),
  };
}

function morePool({ pool }: AdviceFacts): string {
  const setting = pool?.setting ?? 'maxSockets, or connections of undici';
  const limit =
    pool?.connections === undefined ? 'more connections' : `more than ${counted(pool.connections, 'connection')}`;
  return `Give the pool ${limit} (${setting}), or find what holds them so long`;
}

/** What to look at where undici's timer, which covers all of the set-up, fired in another phase than `connect`. */
const SLOW_PHASE: Partial<Record<FailurePhase, string>> = {
  dns: CHECK_RESOLVER,
  tls: 'Find what makes the TLS handshake slow',
  proxy: 'Find what makes the proxy slow',
};

/** What to do about a connection that was not established in time. */
export function connectTimeoutFix(facts: AdviceFacts): Fix | string {
  const { failure, clues } = facts;
  if (clues?.attemptTimer && clues.code === 'ETIMEDOUT')
    return {
      text: `${clues.attemptTimer === 'refused' ? 'Check that the server runs where it refused; if it does, give' : 'Give'} each address more time (autoSelectFamilyAttemptTimeout), or repair the slow one`,
      code: 'net.setDefaultAutoSelectFamilyAttemptTimeout(1000)',
    };
  // A setting for connections to the server would replace a proxy.
  if (clues?.code === 'UND_ERR_CONNECT_TIMEOUT' && !isAnotherAsked(facts))
    return {
      text: `${SLOW_PHASE[failure.phase] ?? 'Check that packets reach that address'}, or allow more time (connect.timeout)`,
      ...undiciOptions(facts.setting, `connect: { timeout: ${toAllow(2 * failure.elapsedMs)} }`),
    };
  if (failure.initiator === 'local')
    return `Check that packets reach that address, or allow more than ${durationText(toAllow(failure.elapsedMs))} to connect`;
  return 'Check that packets reach that address: routes, firewalls, and whether the machine is up';
}
