/** More files than this do not fail because the machine was busy. */
const MOST = 5;

/**
 * The compiled test files that the spec reporter's text lists as failing, each once; none if they are too many to be the
 * work of a busy machine. CI runs them a second time, alone, and says so.
 */
export function filesToRunAgain(report: string): string[] {
  const failing = report.split('failing tests:').at(1) ?? '';
  const files = [...failing.matchAll(/^test at (build\/test\/[^:\s]+\.js)/gm)].map(([, file = '']) => file);
  const unique = [...new Set(files)];
  return unique.length <= MOST ? unique : [];
}
