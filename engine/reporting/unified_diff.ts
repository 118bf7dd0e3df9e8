import { structuredPatch } from 'diff';

/** Lines around a change. */
const CONTEXT = 3;
/** The work one diff may cost: beyond it two contents are told by their sizes. */
const MOST_EDITS = 20_000;
const MOST_MS = 500;

/** Lines of a unified diff (POSIX diff -u) without its file header; undefined where the two differ too much. */
export function unifiedDiff(before: string, after: string): readonly string[] | undefined {
  const patch = structuredPatch('', '', before, after, '', '', {
    context: CONTEXT,
    maxEditLength: MOST_EDITS,
    timeout: MOST_MS,
  });
  if (patch === undefined) return undefined;
  return patch.hunks.flatMap((hunk) => [
    `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines,
  ]);
}

function range(start: number, lines: number): string {
  return lines === 1 ? String(start) : `${lines === 0 ? Math.max(0, start - 1) : start},${lines}`;
}
