import path from 'node:path';
import { stackFolder } from '../../../examples/stack/run/paths';
import { readPage, type Section } from '../markdown';

/** A documented search of examples/stack/jaeger/README.md, in its four forms. */
export interface Search {
  readonly question: string;
  /** As typed into the field Tags of Jaeger's page. */
  readonly tags: Tags;
  readonly page: string;
  /** `GET /api/traces`. */
  readonly first: string;
  /** `GET /api/v3/traces`; `$from` and `$to` stand for the times. */
  readonly third: string;
}

export type Tags = Readonly<Record<string, string>>;

export function documentedSearches(): Search[] {
  const { sections } = readPage(path.join(stackFolder, 'jaeger/README.md'));
  return sections.filter(({ fences }) => fences.some(({ language }) => language === 'jaeger')).map(searchOf);
}

function searchOf({ heading, fences, links }: Section): Search {
  const typed = fences.find(({ language }) => language === 'jaeger')?.text ?? '';
  const commands = fences.find(({ language }) => language === 'sh')?.text.split('\n') ?? [];
  const [first = '', third = ''] = commands.map((command) => /^curl (['"])(.+)\1$/.exec(command)?.[2] ?? '');
  const page = links.find((link) => link.includes('/search?')) ?? '';
  return { question: heading, tags: typedTags(typed), page, first, third };
}

/** Parses the logfmt of the field Tags. */
export function typedTags(text: string): Tags {
  const pairs = [...text.matchAll(/([^\s=]+)=(?:"([^"]*)"|(\S+))/g)];
  return Object.fromEntries(pairs.map(([, key, quoted, plain]) => [key, quoted ?? plain ?? '']));
}

/** The tags in a URL of any of the three forms; an error if they are not a JSON object of strings. */
export function tagsOf(url: string): Tags {
  const { searchParams } = new URL(url, 'http://localhost');
  const tags = searchParams.get('tags') ?? searchParams.get('query.attributes');
  if (tags === null) return {};
  const parsed: unknown = JSON.parse(tags);
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`not an object: ${tags}`);
  for (const value of Object.values(parsed)) {
    if (typeof value !== 'string') throw new Error(`Jaeger takes strings only: ${tags}`);
  }
  return parsed as Tags;
}
