import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';

/** What was said through `diag` since a logger was set: the level, then the message. */
export const lines: string[] = [];

/** Sets a logger that notes every line. */
export function listen(level: DiagLogLevel = DiagLogLevel.ALL): void {
  const note =
    (name: string) =>
    (...args: unknown[]) => {
      lines.push(`${name}: ${args.map(String).join(' ')}`);
    };
  const logger: DiagLogger = {
    error: note('error'),
    warn: note('warn'),
    info: note('info'),
    debug: note('debug'),
    verbose: () => undefined,
  };
  diag.setLogger(logger, { logLevel: level, suppressOverrideMessage: true });
}

/** The lines of this package. */
export function ours(): string[] {
  return lines.filter((line) => line.includes('opentelemetry-instrumentation-socket'));
}
