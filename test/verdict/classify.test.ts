import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureInitiator } from '../../src/types';
import { FAILURE_CAUSES, FAILURE_CONFIDENCES, FAILURE_KINDS, FAILURE_PHASES } from '../../src/verdict/failure';
import { verdictOf } from './scene';
import { CROWD } from './tables/crowd';
import { IN_FLIGHT } from './tables/flight';
import { LEAVING } from './tables/leaving';
import { LOCAL } from './tables/local';
import { OTHER_WAYS } from './tables/other-ways';
import { NOT_ACCEPTED } from './tables/parser';
import { PEER } from './tables/peer';
import { SETTING_UP } from './tables/setup';
import { TIME_LIMITS } from './tables/time-limits';
import { UNFINISHED } from './tables/unfinished';
import { UNKNOWN } from './tables/unknown';

const ROWS = [
  ...SETTING_UP,
  ...LOCAL,
  ...PEER,
  ...IN_FLIGHT,
  ...TIME_LIMITS,
  ...CROWD,
  ...LEAVING,
  ...NOT_ACCEPTED,
  ...UNKNOWN,
  ...UNFINISHED,
  ...OTHER_WAYS,
];

for (const [name, scene, verdict] of ROWS) {
  test(`${name} is ${verdict}`, () => {
    assert.equal(verdictOf(scene), verdict);
  });
}

// A new member of a list fails until a row of a table leads to it.
const COLUMNS = {
  kind: FAILURE_KINDS,
  phase: FAILURE_PHASES,
  initiator: ['remote', 'local', 'unknown'] satisfies FailureInitiator[],
  sent: ['none', 'partial', 'full', 'received', 'undefined'],
  cause: FAILURE_CAUSES.filter((cause) => cause !== 'client_gone'),
  confidence: FAILURE_CONFIDENCES,
};

Object.entries(COLUMNS).forEach(([column, members], i) => {
  test(`the tables lead to every ${column}`, () => {
    const reached = new Set(ROWS.map(([, , verdict]) => verdict.split(' ')[i]));
    assert.deepEqual([...reached].sort(), [...members].sort());
  });
});
