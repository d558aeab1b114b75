import '../support/clocks';

import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { type Features, featuresOf } from '../../src/verdict/causes/features';
import * as classification from '../../src/verdict/classify';
import type { Evidence } from '../../src/verdict/evidence/evidence';
import { wireFactsOf } from '../../src/verdict/evidence/wire-facts';
import type { SocketFailure } from '../../src/verdict/failure';
import { type EndedSpan, ended, startSdk } from '../support/sdk';
import { FAMILIES } from './families';
import { judgedAgain } from './hindsight';
import { loneAmong, type Row } from './score/row';
import { Stage } from './stage';
import type { Truth } from './truth';

/** A verdict, and what it rests on. */
interface Seen {
  readonly atMs: number;
  readonly elapsedMs: number;
  readonly known: boolean;
  readonly failure: SocketFailure;
  readonly features: Features | undefined;
}

/** Plays one family once, in this process, and prints a line of JSON a failure. */
async function main(name: string, seed: number): Promise<void> {
  const family = FAMILIES.find((one) => one.name === name);
  if (family === undefined) throw new Error(`no family is called ${name}`);
  const seen = new Map<string, Seen>();
  const { classify } = classification;
  const recorded = (evidence: Evidence): SocketFailure => {
    const wire = wireFactsOf(evidence);
    const isRivalry = evidence.exchange.reused === true && wire.initiator === 'remote' && wire.sent !== 'received';
    const features = isRivalry ? featuresOf(evidence, wire) : undefined;
    const known = evidence.exchange.origin?.peerTimeout() !== undefined;
    const { nowMs } = evidence;
    const elapsedMs = nowMs - (evidence.exchange.acquiredMs ?? nowMs);
    const failure = classify(evidence);
    const { request } = evidence.exchange as unknown as {
      request: { getHeader?(name: string): unknown; headers?: string[] };
    };
    const header = request.getHeader?.('x-id') ?? request.headers?.[request.headers.indexOf('x-id') + 1];
    seen.set(String(header), { atMs: nowMs, elapsedMs, known, failure, features });
    return failure;
  };
  Object.defineProperty(classification, 'classify', { value: recorded });
  const spans = new Map<SocketFailure, EndedSpan>();
  startSdk();
  new HttpInstrumentation({ disableIncomingRequestInstrumentation: true });
  new UndiciInstrumentation();
  const failureHook = (span: unknown, failure: SocketFailure) => spans.set(failure, span as EndedSpan);
  new SocketInstrumentation({ httpServer: false, failureHook });
  require('node:http');
  require('node:https');

  const stage = new Stage(name, seed);
  await family.play(stage);
  const processed = stage.processed();
  const labelled: (Seen & { readonly id: string; readonly truth: Truth })[] = [];
  for (const [id, record] of seen) {
    const truth = stage.labels.has(id) ? stage.truth(id, record.failure, record.atMs) : undefined;
    if (truth !== undefined) labelled.push({ ...record, id, truth });
  }
  const lone = loneAmong(labelled);
  const again = judgedAgain(ended);
  for (const [i, { id, truth, failure, known, features }] of labelled.entries()) {
    const row: Row = {
      family: name,
      seed,
      churn: family.churn ?? 0,
      truth,
      lone: lone[i] === true,
      cause: failure.cause ?? '',
      hindsight: inHindsight(again, spans.get(failure), failure),
      confidence: failure.confidence ?? '',
      kind: failure.kind ?? '',
      phase: failure.phase ?? '',
      sent: failure.sent,
      method: stage.labels.get(id)?.method ?? '',
      retrySafe: failure.retrySafe === true,
      reused: failure.connection?.reused === true,
      processed: processed.has(id),
      known,
      features,
    };
    console.log(JSON.stringify(row));
  }
  await stage.end();
  process.exit();
}

/** The span's own cause where hindsight has no other. */
function inHindsight(
  again: ReadonlyMap<EndedSpan, string>,
  span: EndedSpan | undefined,
  failure: SocketFailure,
): string {
  return (span === undefined ? undefined : again.get(span)) ?? failure.cause ?? '';
}

const [name = '', seed = '1'] = process.argv.slice(2);
void main(name, Number(seed));
