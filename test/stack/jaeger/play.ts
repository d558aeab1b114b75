import { endAll, play } from '../../../examples/quickstart/play';
import { common, healthy } from '../../../examples/quickstart/scenarios/all';

const scenarios = [...common.map(({ id }) => id), 'drop', 'gone', 'stale-rst', 'near-miss', healthy.id];

/**
 * The quickstart's client with the package, in a process whose environment names the Collector and whose argument names the file for
 * its spans.
 */
process.on('exit', endAll);
process.on('disconnect', () => process.exit());
const [spansFile = ''] = process.argv.slice(2);
play([{ mode: 'with', scenarios, reportTimeoutMs: 300, spansFile }]).then(
  ([run]) => process.send?.(run, () => process.exit()),
  (error: unknown) => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
);
