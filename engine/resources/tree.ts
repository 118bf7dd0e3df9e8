import type { Change, Diff, Ref, ResourceType, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { type Sh, sh } from '../transport/sh.ts';
import { complaint, exactText, partText } from './answer_text.ts';
import { pathType } from './path.ts';
import { valueOfMode } from './path_answer.ts';
import { isPath } from './path_look.ts';
import { normalPath, type PathStat, type PathValue } from './path_value.ts';

/**
 * All that is below a directory, links not followed; `null` where there is no directory. A look at a tree tells
 * what stands at each of its paths, so these need no look of their own. Only looked at, never set.
 */
export interface TreeValue {
  /** Relative paths, sorted. */
  readonly entries: readonly string[];
  /** Entries whose names are not UTF-8, as far as they can be shown: nothing can be done with them. */
  readonly unnamed: readonly string[];
}

/** A list of more is not read, in bytes: some 200,000 entries. */
const LIMIT = 32 * 1024 * 1024;

export const treeType: ResourceType<TreeValue> = {
  name: 'tree',
  collect,
  parse,
  transition: () => sh`printf '%s\\n' ${'a tree is only looked at'} >&2; exit 1`,
  describe,
};

export function tree(id: string): Ref<TreeValue> {
  return { type: treeType, id: normalPath(id), aspects: [] };
}

/**
 * find(1) fields, each ended by NUL: starting point, path below it, numbers, owner, group, target of a link, local
 * times of access and modification. Beyond stat(1) it can list a tree in one process; it has no block size.
 */
const FIELDS = [
  '%H',
  '%P',
  '%y %m %U %G %s %b %D %i %n %A@ %T@ %C@',
  '%u',
  '%g',
  '%l',
  '%AY-%Am-%Ad %AH:%AM:%AS %Az',
  '%TY-%Tm-%Td %TH:%TM:%TS %Tz',
];
const FORMAT = FIELDS.map((field) => `${field}\\0`).join('');

function collect(refs: readonly Ref<TreeValue>[]): Sh {
  const ids = [...new Set(refs.map((ref) => ref.id).filter(isPath))];
  return sh`set -- ${ids}
rb_n=$#
for rb_f; do [ -d "$rb_f" ] && [ ! -L "$rb_f" ] && set -- "$@" "$rb_f"; done
shift "$rb_n"
rb_part roots
[ $# -eq 0 ] || printf '%s\\0' "$@"
rb_part entries
[ $# -eq 0 ] || find -P "$@" -mindepth 1 -printf ${FORMAT} | head -c ${LIMIT}`;
}

function parse(answer: Answer, refs: readonly Ref<TreeValue>[]): readonly Seen[] {
  const roots = new Set(partText(answer, 'roots').split('\0'));
  const bytes = answer.parts.get('entries');
  if (bytes === undefined) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  if (bytes.length >= LIMIT) {
    return refs.map((ref) => ({ ref, error: `there are too many files below ${ref.id} to look at them one by one` }));
  }
  const walk = readEntries(bytes);
  const faults = faultsOf(answer);
  const trees = refs.map((ref): Seen => {
    if (!roots.has(ref.id)) return { ref, value: null };
    // find(1) names what it could not enter; part of a tree is no tree.
    if (faults.some((line) => line.includes(ref.id) || !refs.some(({ id }) => line.includes(id)))) {
      return { ref, error: `cannot look at all of ${ref.id}: ${faults.join('; ')}` };
    }
    const { entries = [], unnamed = [] } = walk.trees.get(ref.id) ?? {};
    return { ref, value: { entries: entries.toSorted(), unnamed } };
  });
  const paths = [...walk.paths].map(
    ([id, value]): Seen => ({ ref: { type: pathType as ResourceType<unknown>, id, aspects: [] }, value }),
  );
  return [...trees, ...paths];
}

/** What is gone before find(1) gets to it is no fault. */
function faultsOf(answer: Answer): readonly string[] {
  const lines = new TextDecoder().decode(answer.stderr).split('\n');
  return lines.filter((line) => line !== '' && !line.endsWith(': No such file or directory'));
}

interface Walk {
  readonly trees: ReadonlyMap<string, { readonly entries: string[]; readonly unnamed: string[] }>;
  readonly paths: ReadonlyMap<string, PathValue>;
}

function readEntries(bytes: Uint8Array): Walk {
  const trees = new Map<string, { entries: string[]; unnamed: string[] }>();
  const paths = new Map<string, PathValue>();
  const lossy = new TextDecoder('utf-8', { ignoreBOM: true });
  const fields = splitBytes(bytes);
  for (let i = 0; i + FIELDS.length <= fields.length; i += FIELDS.length) {
    const [root, name, numbers, owner, group, target, accessed, modified] = fields.slice(i, i + FIELDS.length);
    const start = lossy.decode(root);
    const known = trees.get(start) ?? { entries: [], unnamed: [] };
    trees.set(start, known);
    const exact = exactText(name as Uint8Array);
    const leadsTo = exactText(target as Uint8Array);
    const value = readEntry(lossy.decode(numbers), lossy.decode(owner), lossy.decode(group), leadsTo ?? '', {
      accessedLocal: localTime(lossy.decode(accessed)),
      modifiedLocal: localTime(lossy.decode(modified)),
    });
    if (exact === undefined || leadsTo === undefined || value === undefined) known.unnamed.push(lossy.decode(name));
    else {
      known.entries.push(exact);
      paths.set(start === '/' ? `/${exact}` : `${start}/${exact}`, value);
    }
  }
  return { trees, paths };
}

function splitBytes(bytes: Uint8Array): readonly Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let start = 0, end = bytes.indexOf(0); end >= 0; start = end + 1, end = bytes.indexOf(0, start)) {
    fields.push(bytes.subarray(start, end));
  }
  return fields;
}

const NUMBERS = /^(\S) ([0-7]+)((?: \d+){7})((?: -?\d+(?:\.\d+)?){3})$/;
type SevenNumbers = [number, number, number, number, number, number, number];

// inode(7); the letters are find's %y.
const KINDS: ReadonlyMap<string, number> = new Map([
  ['f', 0o100000],
  ['d', 0o040000],
  ['l', 0o120000],
  ['s', 0o140000],
  ['b', 0o060000],
  ['c', 0o020000],
  ['p', 0o010000],
]);

function readEntry(
  numbers: string,
  owner: string,
  group: string,
  target: string,
  local: Pick<PathStat, 'accessedLocal' | 'modifiedLocal'>,
): PathValue | undefined {
  const [, letter, mode, counts, times] = NUMBERS.exec(numbers) ?? [];
  if (letter === undefined || mode === undefined || counts === undefined || times === undefined) return undefined;
  const [uid, gid, size, blocks, device, inode, links] = counts.trim().split(' ').map(Number) as SevenNumbers;
  const [accessed, modified, changed] = times.trim().split(' ').map(Number) as [number, number, number];
  const stat: PathStat = {
    ...{ uid, gid, size, blocks, device, inode, links, accessed, modified, changed, ...local },
    deviceType: 0,
  };
  return valueOfMode((KINDS.get(letter) ?? 0) | Number.parseInt(mode, 8), target, { owner, group, stat });
}

/** find's seconds have ten decimals where stat's have nine. */
function localTime(text: string): string {
  return text.replace(/(\.\d{9})\d+/, '$1');
}

function describe(change: Change<TreeValue>): Diff {
  return { title: `tree ${change.ref.id}`, action: 'change', attributes: [] };
}
