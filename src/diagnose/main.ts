#!/usr/bin/env node
import v8 from 'node:v8';
import { run } from './command';

// Reading creates much garbage but retains little, so small heap growth steps keep the process small.
v8.setFlagsFromString('--semi-space-growth-factor=1');
v8.setFlagsFromString('--heap-growing-percent=15');

// What reads the output may stop early, as `head` does: the exit code stays that of the diagnosis.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(2);
});

void run(process.argv.slice(2), process).then((code) => {
  process.exitCode = code;
});
