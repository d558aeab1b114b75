import { spawn } from 'node:child_process';

/** Runs a program to its end. Resolves to its output; rejects, with the output, if the program fails or is missing. */
export function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => {
        text += part;
      });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}:\n${text.slice(-3_000)}`));
    });
  });
}
