import type { Diagnosis } from '../../../src/diagnose/findings/diagnosis';
import { failed, healthy, type Request } from '../spans';

/** Requests of several processes in flight that end within 200 ms, at different ages. */
export function burst(atMs: number, address?: string): Request[] {
  return [1, 2, 3, 4, 5].map((i) => ({
    service: `service-${i % 3}`,
    atMs: atMs + i * 40,
    ...(address === undefined ? {} : { address }),
    attributes: failed(40_000 + i, { 'socket.failure.elapsed_ms': i * 300 }),
  }));
}

export const refused = (atMs: number, address?: string): Request => ({
  atMs,
  ...(address === undefined ? {} : { address }),
  attributes: {
    'socket.failure.kind': 'refused',
    'socket.failure.phase': 'connect',
    'socket.failure.cause': 'not_listening',
    'socket.failure.confidence': 'likely',
    'socket.failure.initiator': 'remote',
    'socket.failure.sent': 'none',
    'socket.failure.elapsed_ms': 1,
    'socket.failure.retry_safe': true,
  },
});

/** A request a second, on one connection that lives all the time. */
export const survivor = (seconds: number, address?: string): Request[] =>
  Array.from({ length: seconds }, (_, i) => ({
    atMs: i * 1_000,
    ...(address === undefined ? {} : { address }),
    attributes: healthy(7, i * 1_000),
  }));

/** Requests on connections of their own that never live for long. */
export const others = (seconds: number): Request[] =>
  Array.from({ length: seconds }, (_, i) => ({
    atMs: i * 1_000,
    attributes: { 'socket.id': i, 'socket.reused': false },
  }));

export function changes({ hosts }: Diagnosis): Record<string, number> {
  return Object.assign({}, ...hosts.flatMap(({ causes }) => causes.map(({ inHindsight }) => inHindsight)));
}
