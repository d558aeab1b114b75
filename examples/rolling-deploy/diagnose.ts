import { execFile } from 'node:child_process';
import path from 'node:path';

/** What `npx opentelemetry-instrumentation-socket diagnose --json` says of the spans of one roll. */

export interface Incident {
  readonly atMs: number;
  readonly host: string;
  readonly connections: number;
  readonly lost: number;
  readonly cause: string;
  /** Why hindsight made this of what the spans said. */
  readonly reason?: string;
  /** The spans themselves say no more than that it is possible. */
  readonly isPossible: boolean;
}

/** The package's own command. Its exit code 1 means avoidable failures: it has read the file all the same. */
export function diagnose(file: string): Promise<readonly Incident[]> {
  const manifest = require.resolve('opentelemetry-instrumentation-socket/package.json');
  const [command = ''] = Object.values<string>(require(manifest).bin);
  const args = [path.join(path.dirname(manifest), command), 'diagnose', '--json', file];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error !== null && error.code !== 1) reject(new Error(`diagnose ended with ${error.code}: ${stderr}`));
      else resolve(JSON.parse(stdout).incidents);
    });
  });
}
