import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { complaint, lines, partText } from './answer_text.ts';
import { readRecords } from './path_answer.ts';
import { isPath, STAT_FIELDS } from './path_look.ts';
import { normalPath, type PathValue } from './path_value.ts';
import { readingType } from './reading.ts';

/** Where find(1) is to look. */
export interface Search {
  readonly path: string;
  /** How far down; 1: only in the directory itself; `undefined`: all the way. */
  readonly depth: number | undefined;
  /** Enter links to directories. */
  readonly follow: boolean;
}

/** What is below a directory; `null`: there is no directory. */
export interface FoundValue {
  /** Paths and what stands there (links as links), sorted. */
  readonly entries: readonly (readonly [string, PathValue])[];
  /** What could not be entered, in find's words. */
  readonly faults: readonly string[];
}

export const foundType = readingType<FoundValue>({ name: 'found', collect, parse, derived: true });

export function found(search: Search): Ref<FoundValue> {
  const { path, depth, follow } = search;
  return { type: foundType, id: JSON.stringify([normalPath(path), depth ?? null, follow]), aspects: [] };
}

/** Records of more are not read, in bytes: some 200,000 entries. */
const LIMIT = 32 * 1024 * 1024;

function searchOf({ id }: Ref): Search {
  const [path, depth, follow] = JSON.parse(id) as [string, number | null, boolean];
  return { path, depth: depth ?? undefined, follow };
}

/** find(1) names, stat(1) tells: so a link is told as a link also where links are entered. */
function collect(refs: readonly Ref<FoundValue>[]): Sh {
  const questions = refs.map((ref, i) => {
    const { path, depth, follow } = searchOf(ref);
    if (!isPath(path)) return sh`:`;
    const links = follow ? '-L' : '-H';
    const most = depth === undefined ? [] : ['-maxdepth', String(depth)];
    return sh`if [ -d ${path} ]; then
  rb_part ${`entries ${i}`}
  rb_faults=$({ find ${links} ${path} -mindepth 1 ${most} -print0 2>&4 |
    QUOTING_STYLE=literal xargs -0r stat --printf ${STAT_FIELDS} -- 2>/dev/null | head -c ${LIMIT} >&3; } 4>&1 | head -c 4096)
  rb_part ${`faults ${i}`}
  printf %s "$rb_faults"
fi`;
  });
  return join([sh`exec 3>&1`, ...questions, sh`:`]);
}

function parse(answer: Answer, refs: readonly Ref<FoundValue>[]): readonly Seen[] {
  return refs.map((ref, i): Seen => {
    const { path } = searchOf(ref);
    if (!isPath(path)) return { ref, error: `${path.slice(0, 200)} is not an absolute path of at most 4095 bytes` };
    const bytes = answer.parts.get(`entries ${i}`);
    if (bytes === undefined) return answer.status === 0 ? { ref, value: null } : { ref, error: complaint(answer) };
    if (bytes.length >= LIMIT) return { ref, error: `there are too many files below ${path} to look at` };
    const entries = new Map<string, PathValue>();
    readRecords(bytes, entries);
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return { ref, value: { entries: sorted, faults: lines(partText(answer, `faults ${i}`)) } };
  });
}
