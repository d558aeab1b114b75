import type { Roll } from './tally';

const HEAD = [
  'path',
  'server',
  'way',
  'requests',
  'lost',
  'reset',
  'truncated',
  'refused',
  '5xx',
  'causes on the spans',
];
const WORDS = 3;
const MOST_CAUSES = 3;

/** The table, a line for each roll, with its most frequent causes. */
export function tableOf(rolls: readonly Roll[]): string[] {
  const cells = rolls.map((roll) => {
    const { path, server, way, requests, lost, reset, truncated, refused, answered5xx, causes, overdue } = roll;
    const notes = causes.slice(0, MOST_CAUSES).map(([cause, count]) => `${cause} ${count}`);
    if (causes.length > MOST_CAUSES) notes.push('…');
    if (overdue > 0) notes.push(`${overdue} overdue`);
    const counts = [requests, lost, reset, truncated, refused, answered5xx].map(String);
    return [path, server, way, ...counts, notes.join(', ')];
  });
  const last = HEAD.length - 1;
  const widths = HEAD.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) => {
    if (column === last) return cell;
    return column < WORDS ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  };
  return [HEAD, ...cells].map((row) => row.map(pad).join('  ').trimEnd());
}

const time = (ms: number) => new Date(ms).toISOString().slice(11, 19);

/** The incidents of each roll, in the words of `diagnose`. */
export function incidentLines(rolls: readonly Roll[]): string[] {
  return rolls.flatMap(({ path, server, way, incidents }) =>
    incidents.map(({ atMs, host, connections, lost, cause, reason, isPossible }) => {
      const sure = isPossible ? ' (possible)' : '';
      const why = reason === undefined ? sure : `, in hindsight: ${reason}`;
      const what =
        connections === 0
          ? `${lost} requests to ${host} failed`
          : `${connections} connections to ${host} failed, ${lost} requests lost`;
      return `${path}, ${server}, ${way}: ${time(atMs)} ${what}: ${cause}${why}`;
    }),
  );
}
