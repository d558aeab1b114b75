import type { DiagLogger } from '@opentelemetry/api';

/** Log lines about origins, in the life of a process: whoever talks to thousands of them must not find only these. */
const LIMIT = 20;

const told = new Set<string>();

/** Warns once about an origin, and about few origins in all; the last line says that it is the last. */
export function warnOnce(diag: DiagLogger, origin: string, line: string): void {
  if (told.size >= LIMIT || told.has(origin)) return;
  told.add(origin);
  diag.warn(line);
  if (told.size === LIMIT) diag.warn(`${LIMIT} origins were reported; from now on only their spans and metrics tell`);
}
