import { isLengthMismatch } from '../evidence/codes';
import type { FailurePhase } from '../failure';
import type { AdviceFacts } from './advice-facts';
import { AFTER_ALL, askedFor, codeText, durationText, idleText, midwayText, resourceLimit } from './phrases';
import { mayHaveWaited, type Part, totalMs, whereTimeWent } from './where-time-went';

/** Why this process ended the request itself. */

const WHEN: Readonly<Record<FailurePhase, string>> = {
  queue: 'while it waited for a free connection of the pool',
  dns: 'while the name was being resolved',
  connect: 'while the connection was being made',
  proxy: 'while the tunnel of the proxy was being made',
  tls: 'during the TLS handshake',
  request: 'before all of it was sent',
  wait: 'before a byte of the response came',
  response: 'in the middle of the response',
};

const SPENT: Readonly<Record<Part, string>> = {
  queue: 'in the queue of the pool',
  dns: 'on resolving the name',
  connect: 'on connecting',
  tls: 'on the TLS handshake',
  busy: 'with a busy event loop in this process',
  before: 'before it had a connection',
};

export function timedOut(facts: AdviceFacts): string {
  const ended = { certain: 'ended', likely: 'probably ended', possible: 'may have ended' }[facts.failure.confidence];
  const spent = whereTimeWent(facts);
  const most = spent === undefined ? '' : `, ${durationText(spent.ms)} of it ${SPENT[spent.part]}`;
  const after = mayHaveWaited(facts)
    ? `${durationText(facts.failure.elapsedMs)} after it took a connection`
    : `after ${durationText(totalMs(facts))}`;
  return `A timeout of this process ${ended} the request ${after}, ${when(facts)}${most}${setting(facts)}`;
}

function when({ failure: { phase, sent }, clues }: AdviceFacts): string {
  if (clues?.awaitsContinue) return "while it waited for the peer's 100 Continue";
  if (clues?.unread === 'whole') return AFTER_ALL;
  return phase === 'request' && sent === 'none' ? 'before any of it was sent' : WHEN[phase];
}

/** undici's timers have their own names. */
function setting({ clues }: AdviceFacts): string {
  return clues?.code?.startsWith('UND_ERR_') ? ` (${clues.code})` : '';
}

export function cancelled(facts: AdviceFacts): string {
  const { confidence, sent } = facts.failure;
  if (facts.clues?.noticedLate)
    return `This process may have cancelled the request ${when(facts)}, or a deadline of its own passed`;
  const after = durationText(totalMs(facts));
  if (confidence === 'certain') return `This process cancelled the request after ${after}${midwayText(facts)}`;
  const or =
    sent === 'received' ? 'a deadline, a size limit or a decoder of its own ended it' : 'a deadline of its own passed';
  return `This process may have cancelled the request after ${after}${midwayText(facts)}, or ${or}`;
}

export function poolClosed(facts: AdviceFacts): string {
  if (facts.clues?.dead === 'timer')
    return `This process closed the idle connection itself just before the request took it${idleText(facts)}`;
  if (facts.clues?.dead !== undefined)
    return `This process itself had closed the pooled connection before the request took it${idleText(facts)}`;
  return 'This process closed the connection itself: its agent or dispatcher was destroyed';
}

export function gaveUp(facts: AdviceFacts): string {
  if (isLengthMismatch(facts.clues?.code ?? ''))
    return `This process wrote a body that is not as long as its Content-Length says${codeText(facts)}`;
  return `This process abandoned the request after ${durationText(totalMs(facts))}, before it was complete${codeText(facts)}`;
}

export function noResource(facts: AdviceFacts): string {
  const name = facts.clues?.code ?? '';
  if (name === '') return 'A limit, a permission or a setting of this machine or process stopped the request';
  const limit = resourceLimit(facts);
  if (limit === 'ports')
    return `No local port was free for a connection to ${askedFor(facts)}${codeText(facts)}: all are in use, or the one that this request asks for is`;
  if (limit === 'address')
    return `The local address or port that this request is bound to is not available${codeText(facts)}`;
  if (limit === 'permission') return `This process is not permitted to connect to ${askedFor(facts)}${codeText(facts)}`;
  if (limit === 'family')
    return `This machine has no IPv6 address to connect from, or no free local port, for ${askedFor(facts)}${codeText(facts)}`;
  if (limit === 'model')
    return `Node's permission model forbids this process to reach ${askedFor(facts)}${codeText(facts)}`;
  if (limit === 'policy') return `This process has a block list that forbids ${askedFor(facts)}${codeText(facts)}`;
  if (limit === undefined)
    return `This process refused a response that was larger than its settings allow${codeText(facts)}`;
  return `${/EMFILE/.test(name) ? 'This process has no free file descriptors' : 'This machine has no room for another socket'}${codeText(facts)}`;
}
