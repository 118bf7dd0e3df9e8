import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { join, type Sh, sh } from '../../transport/sh.ts';
import { complaint, partLines } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** A file with more permission than most. */
export interface LooseFile {
  readonly path: string;
  readonly mode: number;
  readonly owner: string;
}

export interface LooseFilesValue {
  /** SUID and SGID files, and whether dpkg knows of them. */
  readonly privileged: readonly (LooseFile & { readonly packaged: boolean })[];
  /** Files that everybody may write, and directories in which everybody may remove what is another's. */
  readonly writable: readonly (LooseFile & { readonly kind: 'file' | 'directory' })[];
  /** The time was over, or there were too many: there may be more. */
  readonly cut: boolean;
}

const looseFilesType = readingType<LooseFilesValue>({ name: 'loose files', collect, parse, derived: true });

/** All file systems on this machine's disks, in at most so many seconds; what lies below the paths to skip is not seen. */
export function looseFiles(seconds: number, skip: readonly string[]): Ref<LooseFilesValue> {
  return { type: looseFilesType, id: JSON.stringify({ seconds, skip: [...skip].sort() }), aspects: [] };
}

/** More than this nobody reads. */
const MOST = 5000;

/**
 * One find(1) for all, over the disks and never into what else is mounted. A name may hold a line break: then it is
 * told by its number. dpkg knows paths as packages name them, and since the merge of /usr a file has two names.
 */
function collect(refs: readonly Ref<LooseFilesValue>[]): Sh {
  return join(refs.map(collectOne));
}

function collectOne({ id }: Ref<LooseFilesValue>, i: number): Sh {
  const { seconds, skip } = JSON.parse(id) as { seconds: number; skip: readonly string[] };
  const paths = skip.flatMap((path, at) => [...(at === 0 ? [] : ['-o']), '-path', path]);
  const prune = paths.length === 0 ? [] : ['(', ...paths, ')', '-prune', '-o'];
  return sh`set --
while read -r _ rb_mount rb_type _; do
  case $rb_type in ext[234] | xfs | btrfs | zfs | f2fs | jfs) ;; *) continue ;; esac
  # The kernel writes a space as \\040, and printf %b reads \\0040.
  rb_mount=$(printf '%b' "$(printf '%s' "$rb_mount" | sed 's/\\\\/\\\\0/g')")
  if [ "$rb_mount" != / ] && [ -d "$rb_mount" ]; then set -- "$@" "$rb_mount"; fi
done </proc/self/mounts
for rb_mount in /tmp /var/tmp; do
  if [ -d "$rb_mount" ] && [ "$(stat -c %d /)" != "$(stat -c %d "$rb_mount")" ]; then set -- "$@" "$rb_mount"; fi
done
rb_found=$({
  timeout ${seconds} find / "$@" -xdev ${prune} '(' \\
    '(' -type f -perm /6000 ${rowOf('P')} ')' , \\
    '(' -type f -perm -0002 ${rowOf('f')} ')' , \\
    '(' -type d -perm -0002 '!' -perm -1000 ${rowOf('d')} ')' \\
  ')' 2>/dev/null
  echo "= $?"
} | head -n ${MOST})
rb_part ${`found ${i}`}
printf '%s\\n' "$rb_found"
rb_part ${`known ${i}`}
if command -v dpkg-query >/dev/null 2>&1; then
  printf '%s\\n' "$rb_found" | sed -n 's/^P [0-7]* [^ ]* //p' | grep -v '[*?\\\\[]' | sed 'p; s|^/usr||' | tr '\\n' '\\000' |
    xargs -0 -r dpkg-query -S -- 2>/dev/null | sed -n 's/^[^/]*: //p'
fi
rb_part ${`end ${i}`}`;
}

function rowOf(kind: 'P' | 'f' | 'd'): readonly string[] {
  const broken = ['(', '-path', '*\n*', '-printf', `${kind} %m %u (a name with a line break, inode %i)\\n`, ')'];
  return ['(', ...broken, '-o', '-printf', `${kind} %m %u %p\\n`, ')'];
}

function parse(answer: Answer, refs: readonly Ref<LooseFilesValue>[]): readonly Seen[] {
  return refs.map((ref, i): Seen => {
    if (!answer.parts.has(`end ${i}`)) return { ref, error: complaint(answer) };
    const packaged = new Set(partLines(answer, `known ${i}`));
    const lines = partLines(answer, `found ${i}`);
    // find ends with 1 where a file went away meanwhile, timeout with 124 where the time was over.
    const whole = lines.some((line) => line === '= 0' || line === '= 1');
    const rows = [...new Set(lines)].flatMap(looseFile);
    const owned = ({ path }: LooseFile) => packaged.has(path) || packaged.has(path.replace(/^\/usr/, ''));
    return {
      ref,
      value: {
        privileged: rows.flatMap(({ kind, ...file }) => (kind === 'P' ? [{ ...file, packaged: owned(file) }] : [])),
        writable: rows.flatMap(({ kind, ...file }) => {
          if (kind === 'P') return [];
          return [{ ...file, kind: kind === 'd' ? ('directory' as const) : ('file' as const) }];
        }),
        cut: !whole,
      },
    };
  });
}

function looseFile(line: string): readonly (LooseFile & { readonly kind: string })[] {
  const [, kind, mode, owner, path] = /^([Pfd]) ([0-7]+) (\S+) (.*)$/.exec(line) ?? [];
  if (kind === undefined || mode === undefined || owner === undefined || path === undefined) return [];
  return [{ kind, path, mode: Number.parseInt(mode, 8), owner }];
}
