import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from '../run';
import { program } from './program';

/** An answer to an instant query, as the documentation of Prometheus has it. */
const vector = (...samples: readonly (readonly [Record<string, string>, number])[]) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: samples.map(([labels, value]) => ({
      metric: { job: 'shop/checkout', server_address: 'payments', server_port: '443', ...labels },
      value: [1_764_331_200, String(value)],
    })),
  },
});

test('Prometheus gives hosts, causes, idle buckets and timeouts, and the output says what it cannot give', async () => {
  const { address } = await program((url) => {
    if (url.pathname === '/api/v1/status/buildinfo') return { status: 'success', data: { version: '2.42.0' } };
    const query = url.searchParams.get('query') ?? '';
    const failure = { socket_failure_kind: 'closed', socket_failure_cause: 'stale_keepalive', socket_reused: 'true' };
    const refused = { socket_failure_kind: 'refused', socket_failure_cause: 'not_listening', socket_reused: 'false' };
    if (query.includes('socket_failures'))
      return vector([failure, 3], [{ ...refused, server_address: 'mailer', server_port: '25' }, 7]);
    if (query.includes('socket_idle'))
      return vector(
        [{ socket_outcome: 'ok', le: '1' }, 90],
        [{ socket_outcome: 'ok', le: '+Inf' }, 96],
        [{ socket_outcome: 'ok', le: '5' }, 96],
        [{ socket_outcome: 'failed', le: '5' }, 0],
        [{ socket_outcome: 'failed', le: '6' }, 3],
      );
    if (query.includes('connection_duration')) return vector([{}, 20]);
    if (query.includes('near_misses')) return vector([{}, 6]);
    // One instance has no timeout.
    if (query.includes('client_timeout')) return vector([{}, query.startsWith('min') ? 0 : 4]);
    return vector([{ socket_peer_timeout_source: 'announced' }, 5]);
  });
  const { code, stdout, stderr } = await diagnose([address]);
  assert.equal(code, 1, stderr);
  assert.match(stdout, /payments:443 +119 +3 +25\.2 +3 stale_keepalive\n/);
  assert.match(stdout, /payments:443 +only reused +0 of 20 +0 +3 of 99 +30\.3 +<1s 0 of 90,\s+4-6s 3 of 9/);
  assert.match(stdout, /shop\/checkout +payments:443 +none to 4 s +5 s +6 +the\s+peer's for some pools: set\s+4 s/);
  assert.match(stdout, /Prometheus knows no retry safety, no confidence/);
  assert.match(stdout, /no moments finer than a scrape/);
  assert.match(stdout, /mailer:25 +7 +7 +1,000 +7 not_listening\n/);
  assert.match(stdout, /mailer:25 +no connection\n/);
  assert.match(stdout, /4\. Incidents\n {3}Not known: metrics show no single failures/);
  assert.match(stdout, /5\. What to change\n {3}Not known: metrics show no single failures/);
  assert.doesNotMatch(stdout, /200,000|sampling|None:|Nothing:/);
});

test('of failures on new connections, metrics do not tell all that were on a connection, and no total exceeds its whole', async () => {
  const failures = (kind: string, cause: string, reused?: string) => ({
    socket_failure_kind: kind,
    socket_failure_cause: cause,
    ...(reused === undefined ? {} : { socket_reused: reused }),
  });
  const { address } = await program((url) => {
    if (url.pathname === '/api/v1/status/buildinfo') return { status: 'success', data: { version: '2.42.0' } };
    const query = url.searchParams.get('query') ?? '';
    if (query.includes('connection_duration')) return vector([{}, 10], [{ server_address: 'open' }, 0]);
    if (query.includes('socket_idle')) return vector([{ socket_outcome: 'ok', le: '1' }, 8]);
    if (query.includes('socket_failures'))
      return vector(
        [failures('tls', 'tls_failed', 'false'), 20],
        [failures('other', 'unknown'), 4],
        [{ ...failures('closed', 'peer_restart', 'false'), server_address: 'open' }, 3],
        [{ ...failures('closed', 'stale_keepalive', 'true'), server_address: 'open' }, 2],
        [{ ...failures('local_timeout', 'client_timeout', 'false'), server_address: 'slow' }, 5],
      );
    return vector();
  });
  const { code, stdout } = await diagnose([address]);
  assert.equal(code, 1);
  assert.match(stdout, /^52 requests of shop\/checkout, .*: 34 failed \(654 per\s1,000\),\s2 of\sthem/);
  assert.match(stdout, /payments:443 +42 +24 +571 /);
  assert.match(stdout, /payments:443 +not known +0 to 10 of 10 +0 to 4 of 8 +<1s 0 of 8\n/);
  assert.match(stdout, /open:443 +5 +5 +1,000 /);
  assert.match(stdout, /open:443 +both +3 of 3 +1,000 +2 of 2 +1,000\n/);
  assert.match(stdout, /slow:443 +5 +5 +1,000 +5 client_timeout\n/);
  assert.match(stdout, /slow:443 +not known\n/);
  assert.match(stdout, /Whether 29 failures came before there was a connection is not known here/);
});

test('metrics without a request are not called spans', async () => {
  const { address } = await program((url) => {
    if (url.pathname === '/api/v1/status/buildinfo') return { status: 'success', data: { version: '2.42.0' } };
    return url.searchParams.get('query')?.includes('connection_duration') ? vector([{}, 3]) : vector();
  });
  const other = await diagnose([address, '--service', 'chekout']);
  assert.equal(other.code, 2);
  assert.match(other.stdout, /^Nothing to judge: --service left out other services, and no request/);
  const nothing = await program((url) => (url.pathname.endsWith('buildinfo') ? { status: 'success' } : vector()));
  assert.match((await diagnose([nothing.address])).stdout, /^Nothing to judge: no request .* is in the metrics \(/);
});
