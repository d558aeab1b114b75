import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { ended, startSdk } from '../support/sdk';

/** The peer's idle timeout as a span tells it; all absent where it tells none. */
export interface Told {
  readonly ms?: number;
  readonly source?: string;
}

/** Observes every client of this process; spans are found again by the `x-id` of their requests. */
export function watch(): void {
  startSdk();
  const requestHook = (span: { setAttribute(key: string, value: string): unknown }, request: object) => {
    const { getHeader, headers } = request as { getHeader?(name: string): string; headers?: string[] };
    const id =
      getHeader === undefined ? headers?.[headers.indexOf('x-id') + 1] : Reflect.apply(getHeader, request, ['x-id']);
    if (id !== undefined) span.setAttribute('x.id', id);
  };
  new HttpInstrumentation({ disableIncomingRequestInstrumentation: true, requestHook });
  new UndiciInstrumentation({ requestHook });
  new SocketInstrumentation({ detail: 'full' });
  require('node:http');
}

export function told(id: string): Told {
  const span = ended.find(({ attributes }) => attributes['x.id'] === id);
  if (span === undefined) throw new Error(`no span has ended for ${id}`);
  const ms = span.attributes['socket.peer_timeout_ms'];
  if (ms === undefined) return {};
  return { ms: ms as number, source: span.attributes['socket.peer_timeout_source'] as string };
}
