import assert from 'node:assert/strict';
import type { PoolLimits } from '../../../src/connection/pool-limits';
import type { Advice } from '../../../src/verdict/advice/advice';
import { attachedAdvice } from '../../../src/verdict/advice/advise';
import { classify } from '../../../src/verdict/classify';
import type { Evidence } from '../../../src/verdict/evidence/evidence';
import { evidenceOf, type Scene } from '../scene';

export const DEADLINE = Object.assign(new Error('deadline'), { name: 'TimeoutError', code: 23 });

export function adviceFor(scene: Scene, change: (e: Evidence) => void = () => {}): Advice {
  const evidence = evidenceOf(scene);
  change(evidence);
  const failure = classify(evidence);
  assert.match(failure.cause, /^(client_timeout|connect_timeout)$/);
  const advice = attachedAdvice(failure);
  assert.ok(advice !== undefined);
  return advice;
}
export const pool = (limits: Partial<PoolLimits>) => (e: Evidence) => {
  const value = { setting: 'maxSockets', connections: undefined, timeoutMs: undefined, ...limits };
  Object.defineProperty(e.exchange, 'pool', { value });
};
