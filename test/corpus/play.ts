import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { type Features, featuresOf } from '../../src/verdict/causes/features';
import * as classification from '../../src/verdict/classify';
import type { Evidence } from '../../src/verdict/evidence/evidence';
import { wireFactsOf } from '../../src/verdict/evidence/wire-facts';
import type { SocketFailure } from '../../src/verdict/failure';
import { startSdk } from '../support/sdk';
import { FAMILIES } from './families';
import { Stage } from './stage';

/** One labelled failure, as the package saw it. */
export interface Row {
  readonly family: string;
  readonly seed: number;
  readonly truth: string;
  readonly cause: string;
  readonly confidence: string;
  readonly kind: string;
  readonly phase: string;
  readonly sent: string | undefined;
  readonly method: string;
  readonly retrySafe: boolean;
  /** The application behind the peer got to see the request. */
  readonly processed: boolean;
  /** The peer's idle limit was known. */
  readonly known: boolean;
  /** Only where the causes compete: reused, no byte back, the peer's doing. */
  readonly features: Features | undefined;
}

/** Plays one family once, in this process, and prints a line of JSON a failure. */
async function main(name: string, seed: number): Promise<void> {
  const family = FAMILIES.find((one) => one.name === name);
  if (family === undefined) throw new Error(`no family is called ${name}`);
  const seen = new Map<string, { known: boolean; failure: SocketFailure; features: Features | undefined }>();
  const { classify } = classification;
  const recorded = (evidence: Evidence): SocketFailure => {
    const transport = wireFactsOf(evidence);
    const isRivalry =
      evidence.exchange.reused === true && transport.initiator === 'remote' && transport.sent !== 'received';
    const features = isRivalry ? featuresOf(evidence, transport) : undefined;
    const known = evidence.exchange.origin?.peerTimeout() !== undefined;
    const failure = classify(evidence);
    const { request } = evidence.exchange as unknown as {
      request: { getHeader?(name: string): unknown; headers?: string[] };
    };
    const header = request.getHeader?.('x-id') ?? request.headers?.[request.headers.indexOf('x-id') + 1];
    seen.set(String(header), { known, failure, features });
    return failure;
  };
  Object.defineProperty(classification, 'classify', { value: recorded });
  startSdk();
  new HttpInstrumentation({ disableIncomingRequestInstrumentation: true });
  new UndiciInstrumentation();
  new SocketInstrumentation({ httpServer: false });
  require('node:http');

  const stage = new Stage(name, seed);
  await family.play(stage);
  const processed = stage.processed();
  for (const [id, { truth, method }] of stage.labels) {
    const record = seen.get(id);
    if (record === undefined) continue;
    const { failure, known, features } = record;
    const row: Row = {
      family: name,
      seed,
      truth,
      cause: failure.cause ?? '',
      confidence: failure.confidence ?? '',
      kind: failure.kind ?? '',
      phase: failure.phase ?? '',
      sent: failure.sent,
      method,
      retrySafe: failure.retrySafe === true,
      processed: processed.has(id),
      known,
      features,
    };
    console.log(JSON.stringify(row));
  }
  await stage.end();
  process.exit();
}

const [name = '', seed = '1'] = process.argv.slice(2);
void main(name, Number(seed));
