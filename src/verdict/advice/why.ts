import type { FailureCause } from '../failure';
import type { AdviceFacts } from './advice-facts';
import {
  askedFor,
  codeText,
  counted,
  durationText,
  endedText,
  hedge,
  idleText,
  isQueueFull,
  isReady,
  midwayText,
  otherEnd,
  peerOf,
} from './phrases';
import { cancelled, gaveUp, noResource, poolClosed, timedOut } from './why-local';
import { connectTimeout, nameNotResolved, notListening, tlsFailed, unreachable } from './why-set-up';

type Why = (facts: AdviceFacts) => string;

/** What happened, with the numbers that show it. */
export function whyOf(facts: AdviceFacts): string {
  const text = WHY[facts.failure.cause](facts);
  // The case of a host name is kept.
  return text.startsWith('the peer') ? `T${text.slice(1)}` : text;
}

const WHY: Readonly<Record<FailureCause, Why>> = {
  stale_keepalive: stale,
  idle_expired: (facts) => `${silent(facts)}: a NAT, load balancer or firewall may have forgotten it`,
  recycled: retired,
  peer_restart: (facts) => `${endedText(facts)}, and ${leaving(facts)}: the peer may have crashed or restarted`,
  peer_aborted: (facts) =>
    `${endedText(facts)}: the peer, or a proxy in front of it, may have given up on this request, and nothing shows why`,
  response_timeout: (facts) =>
    `${endedText(facts)}${alike(facts)}: the peer, or a proxy in front of it, ${hedge(facts)} enforced a time limit`,
  request_incomplete: unfinished,
  rejected: dropped,
  not_listening: notListening,
  unreachable,
  name_not_resolved: nameNotResolved,
  tls_failed: tlsFailed,
  protocol_mismatch: (facts) =>
    `${peerOf(facts)} answered with bytes that ${facts.failure.confidence === 'possible' ? 'may not be' : 'are not'} HTTP/1.1${codeText(facts)}`,
  connect_timeout: connectTimeout,
  client_timeout: timedOut,
  client_cancelled: cancelled,
  pool_closed: poolClosed,
  local_resource: noResource,
  client_gone: clientGone,
  unknown,
};

/** What comes sooner than any round trip so far is hardly a reaction of the peer. */
const NEARER = 'a firewall closer than the peer may have reset the request';

function stale(facts: AdviceFacts): string {
  const { failure, clues } = facts;
  const { kind, confidence, sent, initiator } = failure;
  const peer = otherEnd(facts);
  if (sent === 'received') {
    const when = confidence === 'possible' ? ', perhaps before it had read' : ' before it can have read';
    return `${peer} answered 408${when} the request: it ${hedge(facts)} closed the idle connection${idleText(facts)}`;
  }
  if (confidence === 'certain')
    return `${peer} had closed this idle connection before the request took it${idleText(facts)}`;
  if (kind === 'reset' && sent === 'none')
    return `This pooled connection was reset before the request was sent, by ${peer} or by something on the way, such as a firewall${idleText(facts)}`;
  if (initiator === 'unknown')
    return `This pooled connection was closed before the request took it, by ${peer} or by this process itself${idleText(facts)}`;
  if (clues?.dead !== undefined)
    return `${peer} ${hedge(facts)} closed this pooled connection before the request took it${idleText(facts)}`;
  const other = clues?.sign === 'early' ? NEARER : 'have dropped the request itself';
  const rival = confidence === 'possible' ? `, or ${other}` : '';
  return `${peer} ${hedge(facts)} closed this idle connection before it saw the request${rival}${idleText(facts)}${sign(facts)}`;
}

/** What shows, besides ages and timeouts, that the connection had been closed before the request. */
function sign({ clues }: AdviceFacts): string {
  if (clues?.sign === 'first_write_failed') return ': the first write failed at once';
  if (clues?.sign === 'early')
    return `: the end came ${durationText(clues.sinceWriteMs ?? 0)} after the first write, sooner than any round trip so far`;
  if (clues?.leaving === 'refused') return ': a new connection was refused at the same moment';
  return clues?.leaving === 'closings' ? ': more connections than usual were closed at the same moment' : '';
}

function leaving({ clues }: AdviceFacts): string {
  if (clues?.leaving === 'refused') return 'a new connection was refused';
  if (clues?.leaving === 'closings') return 'more connections than usual were closed at the same moment';
  return 'another connection ended at the same moment';
}

function silent(facts: AdviceFacts): string {
  const { kind, elapsedMs, initiator } = facts.failure;
  if (isLost(facts)) return lost(facts);
  if (kind === 'reset') return `This connection to ${otherEnd(facts)} was reset when used again${idleText(facts)}`;
  const since = initiator === 'local' ? ', but did on a fresh one' : '';
  return `${peerOf(facts)} did not answer within ${durationText(elapsedMs)} on this reused connection${idleText(facts)}${since}`;
}

/** The connection no longer had a peer when the request acquired it. */
function isLost({ failure: { kind }, clues }: AdviceFacts): boolean {
  return kind === 'timed_out' && clues?.dead === 'lost';
}

function lost(facts: AdviceFacts): string {
  if (facts.clues?.code !== 'ETIMEDOUT')
    return `This pooled connection to ${otherEnd(facts)} was gone before the request took it: TCP had given it up, or it was reset${codeText(facts)}${idleText(facts)}`;
  return `The kernel of this machine had given up this pooled connection to ${otherEnd(facts)} before the request took it${codeText(facts)}${idleText(facts)}`;
}

function retired(facts: AdviceFacts): string {
  const { reuseCount, ageMs } = facts.failure.connection;
  const after = [
    reuseCount === undefined ? '' : counted(reuseCount, 'request'),
    ageMs === undefined ? '' : durationText(ageMs),
  ];
  const text = after.filter(Boolean).join(' and ');
  return `${otherEnd(facts)} may have retired this connection${text === '' ? '' : ` after ${text}`}, as it did with others${idleText(facts)}`;
}

function alike({ clues }: AdviceFacts): string {
  if (clues?.limit === undefined) return ' like others before';
  const { others, ms, silence } = clues.limit;
  return `, like ${others > 1 ? `${others} others` : 'another'} before${silence ? `, each after ${durationText(ms)} without a byte` : ''}`;
}

function unfinished(facts: AdviceFacts): string {
  const { clues, failure } = facts;
  if (failure.initiator === 'local') return gaveUp(facts);
  const { missingBytes: missing, quietMs } = clues ?? {};
  if (missing)
    return `${endedText(facts)}: ${missing > 0 ? `the body is ${counted(missing, 'byte')} shorter than its Content-Length, so the request was never complete` : `more was written than its Content-Length announces, by ${counted(-missing, 'byte')}`}`;
  const silence = quietMs === undefined ? '' : `: nothing had been written for ${durationText(quietMs)}`;
  return `${endedText(facts)}, before this process had finished the request${silence}`;
}

function dropped(facts: AdviceFacts): string {
  const { phase } = facts.failure;
  if (facts.statusCode !== undefined)
    return `${peerOf(facts)} answered ${facts.statusCode} and closed before the upload ended: it ${hedge(facts)} refused the request`;
  if (!isReady(phase))
    return `${askedFor(facts)} ended the connection while it was being made: it may refuse this client, or be restarting`;
  const when = phase === 'request' ? 'before the request was complete' : 'while other requests succeed';
  return `${endedText(facts)}, ${when}: the peer may have dropped this one on purpose, or failed on it`;
}

function clientGone({ failure: { kind, elapsedMs } }: AdviceFacts): string {
  const ended = kind === 'reset' ? 'The client, or something on the way, reset' : 'The client closed its side of';
  return `${ended} the connection ${durationText(elapsedMs)} after its request began, before the response was complete`;
}

function unknown(facts: AdviceFacts): string {
  const { clues } = facts;
  const { phase, kind, initiator, elapsedMs, connection } = facts.failure;
  const peer = peerOf(facts);
  if (phase === 'proxy') return `The proxy did not open a tunnel to ${peer}${codeText(facts)}`;
  if (kind === 'protocol') {
    const isBehind = facts.statusCode !== undefined;
    const why = connection.reused === false ? ', which only a more tolerant parser may accept' : '';
    const where = isBehind
      ? ', in the body of one that did, or behind it'
      : connection.reused
        ? ', perhaps left over from an earlier response'
        : why;
    return `${peer} sent bytes that do not parse as a response${codeText(facts)}${where}`;
  }
  if (isLost(facts)) return lost(facts);
  if (isQueueFull(facts)) return `The accept queue of ${peer} was full${codeText(facts)}`;
  if (kind !== 'other' && clues?.unread === 'whole') return `${endedText(facts)}, and before this process had read it`;
  if (kind !== 'other' && initiator === 'remote' && isReady(phase)) return `${endedText(facts)}, and nothing shows why`;
  if (kind !== 'other' && clues?.endedFirst)
    return `${endedText(facts)}: this process had ended its side first, and the peer may have answered that, or failed`;
  if (kind === 'other' && initiator === 'local')
    return `This process ended the request to ${peer} after ${durationText(elapsedMs)}${codeText(facts)}${midwayText(facts)}`;
  return `The request to ${peer} failed after ${durationText(elapsedMs)}${codeText(facts)}${midwayText(facts)}, and nothing shows why`;
}
