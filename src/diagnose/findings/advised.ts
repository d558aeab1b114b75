import type { Fix } from '../../verdict/advice/advice';
import type { AdviceFacts } from '../../verdict/advice/advice-facts';
import { adviceOf } from '../../verdict/advice/advise';
import { AGENT_TIMEOUT, KEEP_ALIVE_TIMEOUT } from '../../verdict/advice/idle-timeout-settings';
import type { FailedSpan } from '../collect/failure-row';
import type { Judgement } from '../hindsight/judgement';

const SETTINGS = { http: AGENT_TIMEOUT, undici: KEEP_ALIVE_TIMEOUT } as const;

/** The name of the setting by which a client limits how long it keeps idle connections, where the span shows it. */
export function settingName({ library }: FailedSpan): string | undefined {
  return library === undefined ? undefined : SETTINGS[library].name;
}

/**
 * The change that ends such failures, from what the span says, hindsight included; undefined if the span lacks part of
 * its verdict.
 */
export function fixFor(span: FailedSpan, judgement: Judgement | undefined): Fix | undefined {
  const failure = verdictOf(span, judgement);
  if (failure === undefined) return undefined;
  return adviceOf({
    failure,
    method: span.method,
    server: span.server,
    scheme: span.scheme,
    statusCode: span.statusCode,
    setting: span.library === undefined ? undefined : SETTINGS[span.library],
  }).fix;
}

function verdictOf({ failure, connection }: FailedSpan, judgement?: Judgement): AdviceFacts['failure'] | undefined {
  const { kind, phase, cause, confidence, initiator, elapsedMs } = failure;
  if (!kind || !phase || !cause || !confidence || !initiator || elapsedMs === undefined) return undefined;
  const verdict = { ...failure, kind, phase, cause, confidence, initiator, elapsedMs, connection };
  return judgement === undefined ? verdict : { ...verdict, cause: judgement.cause };
}
