import fs from 'node:fs';

/** The parts of a Markdown page that checks need. */
export interface Page {
  readonly sections: readonly Section[];
  /** Targets of all links and pictures. */
  readonly links: readonly string[];
  /** The anchors of its headings. */
  readonly anchors: ReadonlySet<string>;
}

/** A heading and everything below it up to the next one. */
export interface Section {
  readonly heading: string;
  readonly fences: readonly Fence[];
  readonly links: readonly string[];
  /** Everything else, line by line. */
  readonly lines: readonly string[];
}

export interface Fence {
  readonly language: string;
  readonly text: string;
}

interface OpenSection {
  heading: string;
  fences: Fence[];
  links: string[];
  lines: string[];
}

export function readPage(file: string): Page {
  const sections: OpenSection[] = [emptySection('')];
  let fence: { language: string; lines: string[] } | undefined;
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const section = sections.at(-1);
    const mark = /^```(\w*)$/.exec(line);
    if (fence !== undefined) {
      if (mark === null) fence.lines.push(line);
      else {
        section?.fences.push({ language: fence.language, text: fence.lines.join('\n') });
        fence = undefined;
      }
    } else if (mark !== null) fence = { language: mark[1] ?? '', lines: [] };
    else if (line.startsWith('#')) sections.push(emptySection(line.replace(/^#+ /, '')));
    else {
      section?.links.push(...linksOf(line));
      section?.lines.push(line);
    }
  }
  return {
    sections,
    links: sections.flatMap(({ links }) => links),
    anchors: new Set(sections.map(({ heading }) => anchorOf(heading))),
  };
}

function emptySection(heading: string): OpenSection {
  return { heading, fences: [], links: [], lines: [] };
}

/** The targets of `[text](target)` and of pictures, except in code. */
function linksOf(line: string): string[] {
  return [...line.replaceAll(/`[^`]*`/g, '`').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchor that GitHub makes from the text of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- _]/gu, '')
    .replace(/ /g, '-');
}
