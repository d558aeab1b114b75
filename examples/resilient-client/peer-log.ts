import fs from 'node:fs';
import path from 'node:path';
import type { LogLine } from './messages';

/** The peer's own log, which tells what it did, and the file by which a client asks it to close idle connections. */

const logFile = (folder: string) => path.join(folder, 'peer.log');
const requestFile = (folder: string) => path.join(folder, 'close-idle');

export function log(folder: string, line: LogLine): void {
  fs.appendFileSync(logFile(folder), `${JSON.stringify(line)}\n`);
}

export function readLog(folder: string): LogLine[] {
  const text = fs.readFileSync(logFile(folder), 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);
}

export function openConnections(folder: string): number {
  return readLog(folder).findLast(({ open }) => open !== undefined)?.open ?? 0;
}

export function askToClose(folder: string): void {
  fs.writeFileSync(requestFile(folder), '');
}

export function isAskedToClose(folder: string): boolean {
  return fs.existsSync(requestFile(folder));
}
