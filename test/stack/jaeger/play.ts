import { endAll, play } from '../../../examples/quickstart/play';

/** The quickstart's client with the package, in a process whose environment names the Collector. */
process.on('exit', endAll);
process.on('disconnect', () => process.exit());
play({ mode: 'with', reportTimeoutMs: 300 }, () => undefined).then(
  (run) => process.send?.(run, () => process.exit()),
  (error: unknown) => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
);
