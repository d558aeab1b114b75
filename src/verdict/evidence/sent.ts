import type { FailurePhase, FailureSent } from '../failure';
import { isNameCall } from './codes';
import type { Evidence } from './evidence';
import { isAboutAnother, isGivenUp } from './given-up';

/** A byte of the final response was read. With an interim answer (1xx), that answer may be all that was read. */
export function isResponseBegun({ progress, interim, statusCode }: Evidence): boolean {
  return progress.received > 0 && (interim !== true || statusCode !== undefined);
}

/** Something came back, so the peer had seen the request. */
export function isSeenByPeer(e: Evidence): boolean {
  return e.progress.received > 0 || e.interim === true || e.statusCode !== undefined;
}

/**
 * How far the connection was set up. A byte that was read, an answer, or an earlier use of the connection means that it
 * was ready, whatever else was not observed.
 */
export function stageOf(e: Evidence): Evidence['stage'] {
  const { exchange, stage } = e;
  const isUsedBefore = (exchange.reuseCount ?? 0) > 0;
  if (stage === 'proxy') return isUsedBefore || e.statusCode !== undefined ? 'ready' : 'proxy';
  return isUsedBefore || isSeenByPeer(e) ? 'ready' : stage;
}

/** How much was sent. `none` needs proof, and never follows an earlier attempt that wrote. */
export function sentOf(e: Evidence): FailureSent {
  if (isUnsent(e)) return 'none';
  if (isResponseBegun(e)) return 'received';
  if (isGivenUp(e) || (e.error.syscall === 'write' && !isAboutAnother(e))) return 'partial';
  return e.progress.complete && !isShortOfLength(e) ? 'full' : 'partial';
}

/**
 * Proof that no byte of the request reached the kernel: it had no socket, the handshake was unfinished, or bytes were
 * counted.
 */
function isUnsent(e: Evidence): boolean {
  const { exchange } = e;
  if (e.handleless || exchange.wroteBefore) return false;
  if (stageOf(e) !== 'ready') return true;
  return e.unsent === true && !exchange.multiplexed && !isSeenByPeer(e);
}

/** Bytes of the body that its `Content-Length` announces were not written. */
export function isShortOfLength({ request }: Evidence): boolean {
  return (request?.missingBytes ?? 0) > 0;
}

/**
 * The program has written the whole request: as much as its `Content-Length` announces, or, where it announces none or
 * was exceeded, until the program ended it.
 */
export function isAllWritten(ended: boolean, missingBytes: number | undefined): boolean {
  return missingBytes === undefined || missingBytes < 0 ? ended : missingBytes === 0;
}

/**
 * A part of the request has certainly not left this process: bytes of it are queued, its announced length is not
 * reached, or it announces none and the program has not ended it.
 */
export function isUnfinished({ request }: Evidence): boolean {
  if (request === undefined) return false;
  const { missingBytes, ended, queued } = request;
  return queued === true || (missingBytes === undefined ? !ended : missingBytes > 0);
}

export function phaseOf(e: Evidence, sent: FailureSent): FailurePhase {
  const { code, syscall } = e.error;
  if (isGivenUp(e)) return 'request';
  const stage = stageOf(e);
  // On a ready connection, the error is another's.
  if ((stage !== 'ready' || e.handleless) && !isAboutAnother(e)) {
    if (isNameCall(syscall) || code === 'ENOTFOUND') return 'dns';
    if (syscall === 'connect' || syscall === 'bind') return 'connect';
  }
  if (stage !== 'ready' && !e.handleless) return stage;
  if (sent === 'received') return 'response';
  // Nothing shows that it was still being sent.
  return sent === 'full' || e.progress.complete === undefined ? 'wait' : 'request';
}
