import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { IDLE_BUCKETS } from '../../src/idle-bucket';
import * as names from '../../src/semconv';
import { FAILURE_CAUSES, FAILURE_CONFIDENCES, FAILURE_KINDS, FAILURE_PHASES } from '../../src/verdict/failure';
import { root } from '../support/root';

interface Member {
  readonly value: string;
}

interface Group {
  readonly metric_name?: string;
  readonly brief: string;
  readonly attributes: readonly {
    readonly id?: string;
    readonly ref?: string;
    readonly brief?: string;
    readonly stability?: string;
    readonly type?: string | { readonly members: readonly Member[] };
  }[];
}

const text = fs.readFileSync(path.join(root, 'docs/semantic-conventions.md'), 'utf8');

function groups(name: string): readonly Group[] {
  const block = new RegExp(`^\`\`\`yaml ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1] ?? '';
  return (parse(block) as { readonly groups: readonly Group[] }).groups;
}

const exported = (prefix: string) =>
  Object.entries(names).flatMap(([name, value]) => (name.startsWith(prefix) ? String(value) : []));

test('docs/semantic-conventions.md defines every attribute that is exported, and no other', () => {
  const [registry] = groups('attributes');
  assert.deepEqual(
    registry?.attributes.map(({ id }) => id),
    exported('ATTR_'),
  );
  for (const { id, brief, stability, type } of registry?.attributes ?? []) {
    assert.ok(brief && type, id);
    assert.equal(stability, 'development', id);
  }
});

test('docs/semantic-conventions.md lists the values of the package', () => {
  const values = (id: string) => {
    const type = groups('attributes')[0]?.attributes.find((each) => each.id === id)?.type;
    return typeof type === 'object' ? type.members.map(({ value }) => value) : undefined;
  };
  assert.deepEqual(values(names.ATTR_SOCKET_FAILURE_KIND), FAILURE_KINDS);
  assert.deepEqual(values(names.ATTR_SOCKET_FAILURE_PHASE), FAILURE_PHASES);
  assert.deepEqual(values(names.ATTR_SOCKET_FAILURE_CAUSE), FAILURE_CAUSES);
  assert.deepEqual(values(names.ATTR_SOCKET_FAILURE_CONFIDENCE), FAILURE_CONFIDENCES);
  assert.deepEqual(values(names.ATTR_SOCKET_IDLE_BUCKET), IDLE_BUCKETS);
});

test('docs/semantic-conventions.md defines every metric, with attributes that exist', () => {
  const metrics = groups('metrics');
  assert.deepEqual(
    metrics.map(({ metric_name: name }) => name),
    exported('METRIC_'),
  );
  const known = [...exported('ATTR_'), 'server.address', 'server.port', 'http.connection.state'];
  for (const { attributes } of metrics) for (const { ref = '' } of attributes) assert.ok(known.includes(ref), ref);
});
