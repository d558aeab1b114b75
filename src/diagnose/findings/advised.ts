import { type Fix, fixText } from '../../verdict/advice/advice';
import type { AdviceFacts } from '../../verdict/advice/advice-facts';
import { fixOf } from '../../verdict/advice/fix';
import {
  AGENT_OPTION,
  AGENT_TIMEOUT,
  DISPATCHER_OPTION,
  FREE_SOCKET_TIMEOUT,
  KEEP_ALIVE_TIMEOUT,
} from '../../verdict/advice/idle-timeout-settings';
import { durationText } from '../../verdict/advice/phrases';
import type { FailedSpan } from '../collect/failure-row';

type Setting = NonNullable<AdviceFacts['setting']>;

const OF_LIBRARY = { http: AGENT_TIMEOUT, undici: KEEP_ALIVE_TIMEOUT } as const;
/** Only the explanation shows in which of them a client has its idle timeout. */
const SETTINGS: readonly Setting[] = [
  AGENT_TIMEOUT,
  KEEP_ALIVE_TIMEOUT,
  AGENT_OPTION,
  FREE_SOCKET_TIMEOUT,
  DISPATCHER_OPTION,
];

/** What ends such failures, and the name of the setting that limits how long a client keeps idle connections. */
export interface Advised {
  readonly fix: Fix;
  readonly setting: string | undefined;
}

/**
 * The change that ends such failures. The span's explanation takes precedence, because it uses facts that no attribute
 * contains; without one, as in hindsight, the attributes decide. Undefined if there is neither an explanation nor a
 * whole verdict.
 */
export function adviceFor(span: FailedSpan): Advised | undefined {
  const failure = verdictOf(span);
  const said = span.failure.fix;
  if (failure === undefined) return said === undefined ? undefined : { fix: { text: said }, setting: undefined };
  const made = (setting: Setting | undefined): Advised => ({
    fix: fixOf(factsOf(span, failure, setting)),
    setting: setting?.name,
  });
  const usual = made(span.library === undefined ? undefined : OF_LIBRARY[span.library]);
  if (said === undefined || fixText(usual.fix) === said) return usual;
  const { idleTimeoutMs } = usual.fix;
  if (idleTimeoutMs === undefined || !sets(said, idleTimeoutMs)) return { fix: { text: said }, setting: undefined };
  return SETTINGS.map(made).find(({ fix: { code } }) => code !== undefined && said.includes(code)) ?? made(undefined);
}

/** Whether the sentence, perhaps worded by another version, advises this idle timeout. */
function sets(said: string, ms: number): boolean {
  return new RegExp(`idle connections after ${durationText(ms)}(?!\\w)`).test(said);
}

function factsOf(span: FailedSpan, failure: AdviceFacts['failure'], setting: Setting | undefined): AdviceFacts {
  const { method, server, scheme, statusCode } = span;
  return { failure, method, server, scheme, statusCode, setting };
}

function verdictOf({ failure, connection }: FailedSpan): AdviceFacts['failure'] | undefined {
  const { fix: _, ...said } = failure;
  const { kind, phase, cause, confidence, initiator, elapsedMs } = said;
  if (!kind || !phase || !cause || !confidence || !initiator || elapsedMs === undefined) return undefined;
  return { ...said, kind, phase, cause, confidence, initiator, elapsedMs, connection };
}
