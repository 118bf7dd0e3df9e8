import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { complaint } from './answer_text.ts';
import { type Found, lastReason, readBeside, splitNul } from './path_beside.ts';
import { aspectsById, DIGESTS, isKernelFile, isPath, type PathQuestions, questionsOf } from './path_look.ts';
import type { OtherType, PathStat, PathValue } from './path_value.ts';

/** Reads what `lookProgram` printed. Whatever the answer holds, it does not throw. */
export function parsePaths(answer: Answer, refs: readonly Ref[]): readonly Seen[] {
  const questions = questionsOf(refs);
  const asked = aspectsById(refs);
  const own = new Map<string, PathValue>();
  const behind = new Map<string, PathValue>();
  questions.look.forEach((paths, i) => {
    readRecords(answer.parts.get(`stat${i}`), own);
    readRecords(answer.parts.get(`behind${i}`), behind);
    resolveLinks(paths, own, splitNul(answer.parts.get(`links${i}`)));
  });
  const beside = readBeside(answer, questions);
  const why = reasons(answer, questions, own);

  const seen: Seen[] = refs.map((ref): Seen => {
    const value = own.get(ref.id);
    if (value !== undefined) return toSeen(ref, beside(ref.id, value));
    if (!isPath(ref.id)) return { ref, error: `${ref.id.slice(0, 200)} is not an absolute path of at most 4095 bytes` };
    const reason = why.get(ref.id) ?? complaint(answer);
    return GONE.has(reason) ? { ref, value: null } : { ref, error: `cannot look at ${ref.id}: ${reason}` };
  });
  return [...seen, ...targets(refs, own, behind, asked, beside)];
}

const GONE = new Set(['No such file or directory', 'Not a directory']);

function toSeen(ref: Ref, found: Found): Seen {
  const { value, content } = found;
  if (value.kind === 'link' && value.target.includes('\ufffd')) {
    return { ref, error: `${ref.id} is a link to a name that is not UTF-8` };
  }
  const wants = ref.aspects.includes('content') || ref.aspects.includes('whole');
  if (value.kind !== 'file' || !wants) return { ref, value };
  if (content === undefined) return { ref, error: `${ref.id} changed while it was looked at` };
  if ('fault' in content) return { ref, error: `cannot read ${ref.id}: ${content.fault}` };
  if ('sum' in content) {
    return { ref, value: { ...value, content: { size: value.stat?.size ?? 0, sha256: content.sum } } };
  }
  return { ref, value: { ...value, content } };
}

/** What links lead to was looked at along with them, and is told for its own path. */
function targets(
  refs: readonly Ref[],
  own: ReadonlyMap<string, PathValue>,
  behind: ReadonlyMap<string, PathValue>,
  asked: ReadonlyMap<string, ReadonlySet<string>>,
  beside: (path: string, value: PathValue) => Found,
): readonly Seen[] {
  const told = new Map<string, Seen>();
  for (const { id, type } of refs) {
    const link = own.get(id);
    const resolved = link?.kind === 'link' ? link.resolved : undefined;
    const value = behind.get(id);
    if (typeof resolved !== 'string' || resolved.includes('\ufffd')) continue;
    if (value === undefined || asked.has(resolved) || told.has(resolved)) continue;
    // access, mime and attributes were asked of the link, not of what it leads to.
    const read = (aspect: string) => !isKernelFile(resolved) && (aspect === 'content' || aspect === 'whole');
    const aspects = [...(asked.get(id) ?? [])].filter((aspect) => read(aspect) || isDigest(aspect));
    told.set(resolved, toSeen({ type, id: resolved, aspects }, beside(id, value)));
  }
  return [...told.values()];
}

function isDigest(aspect: string): boolean {
  return DIGESTS.some((name) => name === aspect);
}

const LOSSY = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads stat(1) records that were printed as STAT_FIELDS says. */
export function readRecords(bytes: Uint8Array | undefined, into: Map<string, PathValue>): void {
  const fields = splitNul(bytes);
  for (let i = 0; i + 7 <= fields.length; i += 7) {
    const [numbers, owner, group, accessed, modified, path, arrow] = fields.slice(i, i + 7) as string[];
    const value = readRecord(numbers as string, owner as string, group as string, {
      accessedLocal: accessed as string,
      modifiedLocal: modified as string,
      target: (arrow as string).slice((path as string).length + ' -> '.length),
    });
    if (value !== undefined && path !== undefined && !into.has(path)) into.set(path, value);
  }
}

const NUMBERS = /^([0-9a-f]+)((?: \d+){8}) ([0-9a-f]+) ([0-9a-f]+)((?: -?\d+\.\d+){3})$/;

function readRecord(
  numbers: string,
  user: string,
  groupName: string,
  texts: { readonly accessedLocal: string; readonly modifiedLocal: string; readonly target: string },
): PathValue | undefined {
  const fields = NUMBERS.exec(numbers);
  if (fields === null) return undefined;
  const [, mode, counts, major, minor, times] = fields as unknown as [string, string, string, string, string, string];
  const [uid, gid, size, blocks, blockSize, device, inode, links] = counts
    .trim()
    .split(' ')
    .map(Number) as EightNumbers;
  const [accessed, modified, changed] = times.trim().split(' ').map(Number) as [number, number, number];
  const { target, ...local } = texts;
  const stat: PathStat = {
    ...{ uid, gid, size, blocks, blockSize, device, inode, links, accessed, modified, changed, ...local },
    deviceType: makedev(Number.parseInt(major, 16), Number.parseInt(minor, 16)),
  };
  // stat(1) prints UNKNOWN where an id has no name.
  const owner = user === 'UNKNOWN' ? String(uid) : user;
  const group = groupName === 'UNKNOWN' ? String(gid) : groupName;
  return valueOfMode(Number.parseInt(mode, 16), target, { owner, group, stat });
}

/** What st_mode says is there. `target` counts for a link. */
export function valueOfMode(
  bits: number,
  target: string,
  shared: { readonly owner: string; readonly group: string; readonly stat: PathStat },
): PathValue {
  const permitted = { mode: bits & 0o7777, ...shared };
  if ((bits & S_IFMT) === S_IFREG) return { kind: 'file', ...permitted };
  if ((bits & S_IFMT) === S_IFDIR) return { kind: 'directory', ...permitted };
  if ((bits & S_IFMT) === S_IFLNK) return { kind: 'link', target, ...shared };
  return { kind: 'other', type: OTHERS.get(bits & S_IFMT) ?? 'unknown', ...permitted };
}

type EightNumbers = [number, number, number, number, number, number, number, number];

// inode(7)
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
const S_IFLNK = 0o120000;
const OTHERS: ReadonlyMap<number, OtherType> = new Map([
  [0o140000, 'socket'],
  [0o060000, 'block device'],
  [0o020000, 'character device'],
  [0o010000, 'fifo'],
]);

/** makedev(3) of glibc, as far as a double holds it: majors and minors of up to 20 bits. */
function makedev(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + Math.floor(minor / 0x100) * 0x100000;
}

/** realpath(1) printed one line for each link, in order. A link that leads to itself leads in circles. */
function resolveLinks(paths: readonly string[], own: Map<string, PathValue>, resolved: readonly string[]): void {
  let at = 0;
  for (const path of paths) {
    const value = own.get(path);
    if (value?.kind !== 'link') continue;
    const end = resolved[at++];
    if (end === undefined) continue;
    own.set(path, { ...value, resolved: end === path ? null : end });
  }
}

/** stat(1) complains once for each path that it could not look at, in order. */
function reasons(
  answer: Answer,
  questions: PathQuestions,
  own: ReadonlyMap<string, PathValue>,
): ReadonlyMap<string, string> {
  const missing = questions.look.flat().filter((path) => !own.has(path));
  const lines = LOSSY.decode(answer.stderr)
    .split('\n')
    .filter((line) => /^\S*stat: cannot stat/.test(line));
  const found = new Map<string, string>();
  if (lines.length !== missing.length) return found;
  missing.forEach((path, i) => {
    const reason = lastReason(lines[i] as string);
    if (reason !== undefined) found.set(path, reason);
  });
  return found;
}
