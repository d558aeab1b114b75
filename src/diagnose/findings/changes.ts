import { type Fix, fixText, processWide } from '../../verdict/advice/advice';
import { isRetryWorthwhile } from '../../verdict/avoidable';
import type { Collection } from '../collect/collection';
import type { FailedSpan } from '../collect/failure-row';
import { type Range, widened } from '../collect/timeouts';
import { inHindsight, type Judgements } from '../hindsight/judgement';
import { type Advised, adviceFor } from './advised';

/** One change, and what it is worth. */
export interface Change {
  readonly service: string;
  /** The host with most of these failures first; several where the change is one of the service or its machine. */
  readonly hosts: readonly string[];
  readonly cause: string;
  /** What to do, one sentence without its full stop. */
  readonly text: string;
  /** The setting and its value in ms, where it is one. */
  readonly setting: { readonly name: string | undefined; readonly valueMs: number } | undefined;
  readonly code: string | undefined;
  readonly note: string | undefined;
  /** Failures of this kind. */
  readonly failures: number;
  /** How many of these the change would have avoided; without a setting, an upper bound. */
  readonly avoided: number;
  /** When the first and the last of them ended, ms since 1970; undefined if no time is known. */
  readonly period: Range | undefined;
}

/** What a retry policy would have saved, and what it must not touch. */
export interface RetryFinding {
  readonly saved: number;
  /** How many of these the idle timeouts above already avoid. */
  readonly savedByTimeouts: number;
  /** Failures that are not safe to repeat. */
  readonly risky: number;
  /** Failures whose span does not show whether they are. */
  readonly unknown: number;
}

interface Group {
  readonly span: FailedSpan;
  readonly advised: Advised;
  readonly cause: string;
  readonly rank: number;
  /** Failures by host. */
  readonly hosts: Map<string, number>;
  failures: number;
  period: Range | undefined;
  /** Idle ages of those that an idle timeout can avoid, and of those that a retry would also have saved. */
  readonly idle: number[];
  readonly savedIdle: number[];
}

/** The changes, most valuable first, and the retry policy. */
export function changeFindings(
  { table }: Collection,
  judgements: Judgements,
): { readonly changes: readonly Change[]; readonly retry: RetryFinding } {
  const groups = new Map<string, Group>();
  const retry = { saved: 0, savedByTimeouts: 0, risky: 0, unknown: 0 };
  for (let index = 0; index < table.length; index += 1) {
    const span = inHindsight(table.at(index), judgements.get(index));
    const advised = adviceFor(span);
    if (isRetryWorthwhile(span.failure)) retry.saved += 1;
    if (span.failure.retrySafe === false) retry.risky += 1;
    if (span.failure.retrySafe === undefined) retry.unknown += 1;
    if (advised !== undefined) addTo(groups, span, advised, span.failure.cause ?? 'unknown');
  }
  for (const { advised, savedIdle } of groups.values())
    retry.savedByTimeouts += avoidedBy(advised.fix.idleTimeoutMs, savedIdle);
  const changes = [...groups.values()].map(changeOf);
  const isSure = ({ setting }: Change) => Number(setting !== undefined);
  const keyOf = ({ hosts, service, cause, text }: Change) => `${hosts[0]} ${service} ${cause} ${text}`;
  changes.sort((a, b) => b.avoided - a.avoided || isSure(b) - isSure(a) || keyOf(a).localeCompare(keyOf(b)));
  return { changes, retry };
}

function addTo(groups: Map<string, Group>, span: FailedSpan, advised: Advised, cause: string): void {
  const { fix } = advised;
  const wide = processWide(fix.text);
  const key = [span.service, wide === undefined ? span.host : '', cause, wide ?? kindOf(advised)].join('\n');
  const rank = rankOf(span, fix);
  const known = groups.get(key);
  // The safest advice of the group speaks for it, and of equal ones always the same, whatever the order of the source.
  const group =
    known === undefined || rank < known.rank || (rank === known.rank && fixText(fix) < fixText(known.advised.fix))
      ? { ...(known ?? emptyGroup()), span, advised, cause, rank }
      : known;
  groups.set(key, group);
  group.failures += 1;
  if (!Number.isNaN(span.endMs)) group.period = widened(group.period, span.endMs);
  group.hosts.set(span.host, (group.hosts.get(span.host) ?? 0) + 1);
  const { idleMs } = span.connection;
  if (fix.idleTimeoutMs === undefined || idleMs === undefined) return;
  group.idle.push(idleMs);
  if (isRetryWorthwhile(span.failure)) group.savedIdle.push(idleMs);
}

function emptyGroup(): Pick<Group, 'hosts' | 'failures' | 'period' | 'idle' | 'savedIdle'> {
  return { hosts: new Map(), failures: 0, period: undefined, idle: [], savedIdle: [] };
}

/** How many of the connections that were idle for so long the timeout would have closed before. */
function avoidedBy(timeoutMs: number | undefined, idle: readonly number[]): number {
  return timeoutMs === undefined ? 0 : idle.filter((ms) => ms >= timeoutMs).length;
}

/** Numbers, with their units of time. */
const NUMBERS = /\d+(?:[.:]\d+)*(?: (?:ms|s|min|h)\b)?/g;

/** A key shared by advice that differs only in numbers, and by all values of one idle timeout. */
function kindOf({ fix, setting }: Advised): string {
  return fix.idleTimeoutMs === undefined ? fixText(fix).replaceAll(NUMBERS, '0') : `idle ${setting ?? ''}`;
}

const SURE = 1e12;

/** Peer timeouts that are known before those that are guessed, short ones first; else sure verdicts, long ones first. */
function rankOf({ connection, failure }: FailedSpan, { idleTimeoutMs }: Fix): number {
  if (idleTimeoutMs === undefined) return (failure.confidence === 'possible' ? 0 : -SURE) - (failure.elapsedMs ?? 0);
  return idleTimeoutMs + (connection.peerTimeoutMs === undefined ? Number.MAX_SAFE_INTEGER / 2 : 0);
}

function changeOf({ span, advised, cause, failures, period, idle, hosts }: Group): Change {
  const { idleTimeoutMs: valueMs, text, code, note } = advised.fix;
  const byFailures = [...hosts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  return {
    service: span.service,
    hosts: byFailures.map(([host]) => host),
    cause,
    // The advice may name one of several hosts.
    text: hosts.size > 1 ? forAllHosts(text) : text,
    setting: valueMs === undefined ? undefined : { name: advised.setting, valueMs },
    code,
    note,
    failures,
    period,
    avoided: valueMs === undefined ? failures : avoidedBy(valueMs, idle),
  };
}

/** The advice without the host that it names. */
function forAllHosts(text: string): string {
  const wide = processWide(text);
  const isSlow = text.includes(', or what is slow at ');
  return wide === undefined ? text : `${wide}${isSlow ? ', or what is slow at these hosts' : ''}`;
}
