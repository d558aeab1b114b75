import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  readonly sources: readonly string[];
  /** How far to look back, ms; undefined: all of a file, an hour of an address. */
  readonly sinceMs: number | undefined;
  readonly services: readonly string[];
  readonly json: boolean;
  readonly html: string | undefined;
  readonly colours: boolean;
  readonly help: boolean;
}

/** An invalid command line; the message says why. */
export class UsageError extends Error {}

export function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parsed(args);
  const [command, ...sources] = positionals;
  const help = values.help === true || args.length === 0;
  if (!help && command !== 'diagnose') throw new UsageError(`the command is "diagnose", not "${command ?? ''}"`);
  if (!help && sources.length === 0)
    throw new UsageError('nothing to diagnose: name a file, an address, or - for standard input');
  return {
    sources,
    sinceMs: values.since === undefined ? undefined : durationOf(values.since),
    services: values.service ?? [],
    json: values.json === true,
    html: values.html,
    colours: values['no-color'] !== true,
    help,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        since: { type: 'string' },
        service: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        html: { type: 'string' },
        'no-color': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/)[0]);
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationOf(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!(ms > 0)) throw new UsageError(`--since ${text}: a number and s, m, h or d, such as 90m`);
  return ms;
}
