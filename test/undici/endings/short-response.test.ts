import { test } from 'node:test';
import { attempt, CLIENTS } from '../../clients/undici-clients';
import { CUT, type Expected, fails, startPeer } from '../../support/verdict';

const hint = 'Connection: close\r\n';

/** undici reads such a response to the end of its connection, and then cannot parse it. */
for (const { name, send, copy } of CLIENTS) {
  for (const how of ['fin', 'rst']) {
    test(`${name}: a response without keep-alive that is cut (${how}) is truncated`, async () => {
      const peer = await startPeer({ hint });
      await fails(CUT, () => attempt(() => send(peer, `/cut-${how}`)));
    });

    // The copy in Node 20 takes it for complete.
    if (copy === undefined) continue;
    test(`${name}: a chunked response without keep-alive that is cut (${how}) is truncated`, async () => {
      const peer = await startPeer({ hint });
      await fails(CUT, () => attempt(() => send(peer, `/cut-chunks-${how}`)));
    });
  }

  test(`${name}: a chunk that is none, and a FIN right after it, is no HTTP`, async () => {
    const peer = await startPeer({ hint });
    const expected: Expected = { ...CUT, kind: 'protocol', cause: 'unknown' };
    await fails(expected, () => attempt(() => send(peer, '/bad-chunk-fin')));
  });

  test(`${name}: an unasked 100 is not the response`, async () => {
    const peer = await startPeer();
    const expected: Expected = { ...CUT, kind: 'other', phase: 'wait', cause: 'unknown', sent: 'full' };
    await fails({ ...expected, initiator: 'unknown', status: 'any' }, () =>
      attempt(() => send(peer, '/early-100?500')),
    );
  });
}
