import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  FailureCause,
  FailureConfidence,
  FailureInitiator,
  FailureKind,
  FailurePhase,
  FailureSent,
} from '../../src/types';
import { verdictOf } from './scene';
import { CROWD } from './table-crowd';
import { IN_FLIGHT } from './table-flight';
import { LOCAL } from './table-local';
import { PEER } from './table-peer';
import { SETTING_UP } from './table-setup';

const ROWS = [...SETTING_UP, ...LOCAL, ...PEER, ...IN_FLIGHT, ...CROWD];

for (const [name, scene, verdict] of ROWS) {
  test(`${name} is ${verdict}`, () => {
    assert.equal(verdictOf(scene), verdict);
  });
}

// A new member of a union does not compile until it stands here, and fails until a row of a table leads to it.
type Every<T extends string> = Record<T, true>;
const kinds: Every<FailureKind> = {
  refused: true,
  unreachable: true,
  dns: true,
  tls: true,
  timed_out: true,
  reset: true,
  closed: true,
  broken_pipe: true,
  truncated: true,
  protocol: true,
  local_timeout: true,
  local_abort: true,
  local_close: true,
  local_resource: true,
  other: true,
};
const phases: Every<FailurePhase> = {
  queue: true,
  dns: true,
  connect: true,
  proxy: true,
  tls: true,
  request: true,
  wait: true,
  response: true,
};
const initiators: Every<FailureInitiator> = { remote: true, local: true, unknown: true };
const sents: Every<FailureSent> = { none: true, partial: true, full: true, received: true };
const causes: Every<Exclude<FailureCause, 'client_gone'>> = {
  stale_keepalive: true,
  idle_expired: true,
  recycled: true,
  peer_restart: true,
  response_timeout: true,
  rejected: true,
  not_listening: true,
  unreachable: true,
  name_not_resolved: true,
  tls_failed: true,
  protocol_mismatch: true,
  connect_timeout: true,
  client_timeout: true,
  client_cancelled: true,
  pool_closed: true,
  local_resource: true,
  unknown: true,
};
const confidences: Every<FailureConfidence> = { certain: true, likely: true, possible: true };

const COLUMNS = {
  kind: kinds,
  phase: phases,
  initiator: initiators,
  sent: sents,
  cause: causes,
  confidence: confidences,
};

Object.entries(COLUMNS).forEach(([column, members], i) => {
  test(`the tables lead to every ${column}`, () => {
    const reached = new Set(ROWS.map(([, , verdict]) => verdict.split(' ')[i]));
    assert.deepEqual([...reached].sort(), Object.keys(members).sort());
  });
});
