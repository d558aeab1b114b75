import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { instrument } from '../support/facts/facts-setup';
import { dial, GET, heard, listen, serverSpans } from './setup';

instrument({ socket: {} });

const HALF = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf';

for (const secure of [false, true]) {
  for (const isUsed of [false, true]) {
    for (const [what, sends] of Object.entries({ 'a whole request': GET, 'half a request': HALF })) {
      const name = `a server that ends ${isUsed ? 'an idle' : 'a silent new'} connection${secure ? ' of TLS' : ''}`;
      // The client closes its side because it has seen that of the server.
      test(`${name} as ${what} comes has not lost its client`, async () => {
        let answers = isUsed ? 1 : 0;
        const at = await listen(
          (request, response) => {
            request.on('error', () => undefined).resume();
            if (answers > 0) response.end('ok');
            answers -= 1;
          },
          { secure },
        );
        const accepted = once(at.server, secure ? 'secureConnection' : 'connection');
        const client = await dial(at);
        const [own] = (await accepted) as [Socket];
        client.resume();
        const spans = await serverSpans(isUsed ? 2 : 1, async () => {
          if (isUsed) {
            client.write(GET);
            await heard(client, 'ok');
          }
          client.write(sends);
          own.end();
          await once(client, 'close');
        });
        const { attributes } = spans.at(-1) ?? {};
        assert.equal(
          attributes?.['socket.failure.cause'],
          undefined,
          String(attributes?.['socket.failure.explanation']),
        );
        assert.equal(attributes?.['socket.reuse_count'], isUsed ? 1 : 0);
        await at.stop();
      });
    }
  }
}
