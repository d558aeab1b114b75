import assert from 'node:assert/strict';
import fs from 'node:fs';
import { diagnose } from '../../diagnose/run';
import type { Played } from '../jaeger/demo';

/** What `diagnose` prints for the demo does not depend on where its spans are. */
export async function sameDiagnosis(jaeger: string, demo: () => Promise<Played>): Promise<string> {
  const { spansFile } = await demo();
  const fromFile = await diagnose([spansFile]);
  assert.equal(fromFile.code, 1, fromFile.stderr);
  assert.match(fromFile.stdout, /stale_keepalive \(likely\)/);
  const fromInput = await diagnose(['-'], fs.readFileSync(spansFile));
  assert.equal(fromInput.stdout, fromFile.stdout);
  const fromJaeger = await diagnose([`jaeger:${jaeger}`, '--service', 'shop-with', '--since', '10m']);
  assert.equal(fromJaeger.stdout, fromFile.stdout, fromJaeger.stderr);
  return `${fromFile.stdout.split('\n').length} equal lines`;
}
