import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { clientSpans, type Ended } from '../../examples/rolling-deploy/spans';
import { incidentLines, tableOf } from '../../examples/rolling-deploy/table';
import { faultsOf, type Roll, tally } from '../../examples/rolling-deploy/tally';

const answered = (status: number): Ended => ({ status, kind: undefined, cause: undefined });
const failed = (kind: string, cause: string, status?: number): Ended => ({ status, kind, cause });
const ok = Array.from({ length: 200 }, () => answered(200));

const restart = {
  atMs: 0,
  host: 'h:1',
  connections: 3,
  lost: 3,
  cause: 'peer_restart',
  reason: 'three at once',
  isPossible: true,
};

const rollOf = (way: Roll['way'], ends: readonly Ended[], overdue = 0): Roll => ({
  path: 'direct',
  server: 'node',
  way,
  ...tally(ends),
  incidents: [restart],
  overdue,
});

test('what was lost is counted by its kind, and an answer of 5xx is lost, too', () => {
  const ends = [
    ...ok,
    answered(404),
    answered(502),
    failed('reset', 'peer_restart'),
    failed('closed', 'peer_restart'),
    failed('truncated', 'peer_aborted', 200),
    failed('refused', 'not_listening'),
    failed('local_timeout', 'client_timeout'),
  ];
  const { requests, lost, reset, truncated, refused, answered5xx, causes } = tally(ends);
  assert.deepEqual(
    { requests, lost, reset, truncated, refused, answered5xx },
    { requests: 207, lost: 6, reset: 2, truncated: 1, refused: 1, answered5xx: 1 },
  );
  assert.deepEqual(causes[0], ['peer_restart', 2]);
});

test('a 5xx whose answer was cut is lost once', () => {
  assert.equal(tally([failed('truncated', 'peer_aborted', 502)]).lost, 1);
});

test('killed has to lose, drained must not, and neither counts without load', () => {
  const loss = [...ok, answered(502)];
  assert.deepEqual(faultsOf([rollOf('killed', loss), rollOf('close', loss), rollOf('drained', ok)]), []);
  assert.deepEqual(faultsOf([rollOf('killed', ok)]), ['direct, node, killed: no request was lost']);
  assert.deepEqual(faultsOf([rollOf('drained', loss)]), ['direct, node, drained: 1 requests were lost']);
  assert.deepEqual(faultsOf([rollOf('drained', ok, 1)]), ['direct, node, drained: 1 instances had to be killed']);
  assert.deepEqual(faultsOf([rollOf('drained', [])]), ['direct, node, drained: only 0 requests']);
});

test('a kill that diagnose does not name is a fault where the instances are reached directly', () => {
  const roll: Roll = {
    ...rollOf('killed', [...ok, failed('refused', 'not_listening')]),
    incidents: [{ ...restart, cause: 'rejected' }],
  };
  assert.deepEqual(faultsOf([roll]), ['direct, node, killed: diagnose names no peer_restart']);
  assert.deepEqual(faultsOf([{ ...roll, path: 'nginx', incidents: [] }]), []);
  assert.deepEqual(faultsOf([{ ...roll, refused: 0 }]), [], 'nothing shows it');
});

test('the spans are read from lines of OTLP, numbers as JSON or as text, and only those of clients', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spans-')), 'spans.jsonl');
  const span = (kind: number, ...attributes: object[]) => ({ kind, attributes });
  const lineOf = (...spans: object[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const status = (intValue: unknown) => ({ key: 'http.response.status_code', value: { intValue } });
  const kind = { key: 'socket.failure.kind', value: { stringValue: 'truncated' } };
  const lines = [lineOf(span(3, status(200)), span(2, status(500))), lineOf(span(3, status('200'), kind)), ''];
  fs.writeFileSync(file, lines.join('\n'));
  assert.deepEqual(clientSpans(file), [
    { status: 200, kind: undefined, cause: undefined },
    { status: 200, kind: 'truncated', cause: undefined },
  ]);
  fs.rmSync(path.dirname(file), { recursive: true });
});

test('the table has a line for each roll, with the causes and what did not leave in time', () => {
  const [head, row] = tableOf([rollOf('close', [...ok, failed('closed', 'peer_restart')], 2)]);
  assert.match(head ?? '', /^path +server +way +requests +lost/);
  assert.deepEqual(incidentLines([rollOf('killed', ok)]), [
    'direct, node, killed: 00:00:00 3 connections to h:1 failed, 3 requests lost: peer_restart, in hindsight: three at once',
  ]);
  assert.match(row ?? '', /^direct +node +close +201 +1 +1 +0 +0 +0 +peer_restart 1, 2 overdue$/);
});
