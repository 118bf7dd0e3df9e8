import { posix } from 'node:path';
import type { Change } from '../planning/contracts.ts';
import { fileContent, join, type Sh, sh } from '../transport/sh.ts';
import { bytesOf, type Content, sameContent } from './content.ts';
import { adjustAll, bits, ownerSpec } from './path_adjust.ts';
import {
  type DirectoryValue,
  type FileValue,
  type LinkValue,
  type PathValue,
  parentOf,
  type Times,
  timesToSet,
} from './path_value.ts';
import { validateCommand } from './validate_command.ts';

type PathChange = Change<PathValue>;

/**
 * Makes the changes one after the other; the first that fails ends the program.
 *
 * A file's new content is written in a private directory beside it, to a file of the same name that has its final
 * owner and mode before it has its first byte, is validated and flushed to disk there, and takes its place by
 * rename(2): a reader sees the old or the new one, and nobody can open what is not finished.
 *
 * Options of a change: `validate`, `backup`; `recursive`: remove a directory with all that is in it (`entries` by
 * count), and not only an empty one; `unsafeWrites`: where a rename is refused, as over a mount point, write into the
 * file itself; `image`: what is to be made is copied from this path of the host with all that is below it and all that
 * cp(1) keeps.
 */
export function pathProgram(changes: readonly PathChange[]): Sh {
  const parts: Sh[] = [];
  for (let i = 0; i < changes.length; i++) {
    let end = i;
    while (end < changes.length && onlyAdjusts(changes[end] as PathChange)) end++;
    if (end > i) parts.push(adjustAll(changes.slice(i, end)));
    const change = changes[end];
    if (change !== undefined) parts.push(programOf(change));
    i = end;
  }
  return join(parts.map((part) => sh`(\n${part}\n) || exit`));
}

function programOf(change: PathChange): Sh {
  const { before, after, ref, options } = change;
  const path = ref.id;
  if (path === '/' && (after === null || before?.kind !== after.kind)) return refuse('/ cannot be removed or replaced');
  const steps = [
    ...(before === null ? [] : thaw(before, path)),
    after === null
      ? remove(path, before, options.recursive === true)
      : stays(before, after)
        ? adjustAll([change])
        : make(change, after),
    ...(after === null ? [] : [...setTimes(path, timesToSet(before, after)), ...freeze(path, before, after)]),
  ];
  return join(steps);
}

function refuse(message: string): Sh {
  return sh`printf '%s\\n' ${message} >&2; exit 1`;
}

function make(change: PathChange, after: PathValue): Sh {
  const { before, ref, options } = change;
  if (typeof options.image === 'string') return placeCopy(ref.id, before, options.image);
  switch (after.kind) {
    case 'file':
      return after.hard === undefined || isLinked(before, after)
        ? write(change, after)
        : placeHardLink(ref.id, before, after.hard, after);
    case 'directory':
      return makeDirectory(ref.id, before, after);
    case 'link':
      return placeLink(ref.id, before, after);
    case 'other':
      return refuse(`${ref.id} was a ${after.type}; a new one cannot be made`);
  }
}

/** Whether it stays what it is, so that only owner, mode, times and chattr letters are left to set. */
function stays(before: PathValue | null, after: PathValue | null): boolean {
  if (before === null || after === null || before.kind !== after.kind) return false;
  if (before.kind === 'link') return after.kind === 'link' && before.target === after.target;
  if (before.kind === 'other') return after.kind === 'other' && before.type === after.type;
  if (before.kind !== 'file' || after.kind !== 'file') return true;
  return (after.hard === undefined || isLinked(before, after)) && !rewrites(before, after);
}

/** Whether nothing but owner and mode is to be set: then many changes are one. */
function onlyAdjusts({ before, after, options }: PathChange): boolean {
  if (!stays(before, after) || before === null || after === null) return false;
  const timed = Object.keys(timesToSet(before, after)).length > 0;
  const flagged =
    before.kind !== 'link' && after.kind !== 'link' && after.flags !== undefined && after.flags !== before.flags;
  return !timed && !flagged && options.backup === undefined && thaw(before, '').length === 0;
}

/** Whether the two already share an inode, so that only attributes are left to set. */
function isLinked(before: PathValue | null, after: FileValue): boolean {
  return (
    before?.kind === 'file' &&
    before.stat !== undefined &&
    before.stat.inode === after.stat?.inode &&
    before.stat.device === after.stat.device
  );
}

function rewrites(before: FileValue, after: FileValue): boolean {
  if (after.content === undefined) return false;
  return before.content === undefined || !sameContent(before.content, after.content);
}

/**
 * A directory beside the path that nobody else can enter; whatever ends the subshell removes it. What is made there
 * has the name that it will have.
 */
export function openWorkshop(path: string): Sh {
  return sh`umask 077
rb_dir=$(mktemp -d -- ${workshops(path)}"\${rb_run##*-}"-XXXXXX) || exit
trap 'rm -rf -- "$rb_dir"' EXIT
trap 'exit 1' HUP INT TERM
rb_new=$rb_dir/${posix.basename(path)}`;
}

/** With the last part of a run's name, what its workshops beside a path begin with. */
function workshops(path: string): string {
  const parent = parentOf(path) === '/' ? '' : parentOf(path);
  return `${parent}/.rb-`;
}

/** Removes the workshops beside a path that a run has left whose host lost its power. */
export function sweepBeside(path: string, run: string): Sh {
  return sh`for rb_old in ${`${workshops(path)}${run.split('-').at(-1)}`}-??????; do
  if [ -d "$rb_old" ] && [ ! -L "$rb_old" ]; then rm -rf -- "$rb_old"; fi
done`;
}

function write(change: PathChange, after: FileValue): Sh {
  const { before, ref, options } = change;
  const path = ref.id;
  if (after.content === undefined) return refuse(`what ${path} held is not known: it cannot be written again`);
  const source = sourceOf(after.content);
  if (source === undefined)
    return refuse(`the old content of ${path} was too large to keep: it cannot be written again`);
  return join([
    openWorkshop(path),
    ...(typeof options.backup === 'string' ? [backUp(path, options.backup)] : []),
    sh`exec 4>"$rb_new" || exit`,
    // ACLs, extended attributes and security contexts of the old file; where they cannot be had, owner and mode still are.
    ...(before?.kind === 'file'
      ? [
          sh`if [ -f ${path} ] && [ ! -L ${path} ]; then cp --attributes-only --preserve=all -- ${path} "$rb_new" 2>/dev/null; fi`,
        ]
      : []),
    ...chown(sh`"$rb_new"`, after),
    // Set-id bits only come when the content is complete; for others than root, writing would clear them.
    sh`chmod ${bits(after.mode & ~0o6000)} -- "$rb_new" || exit`,
    sh`{ ${source}; } >&4 || exit`,
    sh`exec 4>&-`,
    ...((after.mode & 0o6000) !== 0 ? [sh`chmod ${bits(after.mode)} -- "$rb_new" || exit`] : []),
    ...(typeof options.validate === 'string' ? [validateCommand(options.validate, sh`"$rb_new"`)] : []),
    sh`sync -- "$rb_new" || exit`,
    ...clearWay(path, before),
    options.unsafeWrites === true
      ? sh`mv -fT -- "$rb_new" ${path} || cat -- "$rb_new" >${path} || exit`
      : sh`mv -fT -- "$rb_new" ${path} || exit`,
  ]);
}

/** By way of the workshop: what stands under the backup's name is replaced and never followed. */
function backUp(path: string, backup: string): Sh {
  return sh`cp -pP -- ${path} "$rb_dir/backup" || exit
mv -fT -- "$rb_dir/backup" ${backup} || exit`;
}

function sourceOf(wanted: Content): Sh | undefined {
  const bytes = bytesOf(wanted);
  if (bytes !== undefined) return fileContent(bytes);
  return 'host' in wanted && wanted.host !== undefined ? sh`cat -- ${wanted.host}` : undefined;
}

/** rename(2) does not put a file or a link over a directory. */
function clearWay(path: string, before: PathValue | null): readonly Sh[] {
  return before?.kind === 'directory' ? [sh`rmdir -- ${path} || exit`] : [];
}

function placeLink(path: string, before: PathValue | null, after: LinkValue): Sh {
  return join([
    openWorkshop(path),
    sh`ln -s -- ${after.target} "$rb_new" || exit`,
    ...chown(sh`"$rb_new"`, after),
    ...clearWay(path, before),
    sh`mv -fT -- "$rb_new" ${path} || exit`,
  ]);
}

function placeHardLink(path: string, before: PathValue | null, source: string, after: FileValue): Sh {
  return join([
    openWorkshop(path),
    sh`ln -T -- ${source} "$rb_new" || exit`,
    ...chown(sh`"$rb_new"`, after),
    sh`chmod ${bits(after.mode)} -- "$rb_new" || exit`,
    ...clearWay(path, before),
    sh`mv -fT -- "$rb_new" ${path} || exit`,
  ]);
}

/** Made elsewhere, so that nobody can put something in its place before it has its owner and mode. */
function makeDirectory(path: string, before: PathValue | null, after: DirectoryValue): Sh {
  // rename(2) of a directory into another one writes to it.
  const sealed = (after.mode & 0o200) === 0;
  return join([
    openWorkshop(path),
    sh`mkdir -- "$rb_new" || exit`,
    ...chown(sh`"$rb_new"`, after),
    sh`chmod ${bits(sealed ? after.mode | 0o200 : after.mode)} -- "$rb_new" || exit`,
    ...(before === null ? [] : [sh`rm -f -- ${path} || exit`]),
    sh`mv -T -- "$rb_new" ${path} || exit`,
    ...(sealed ? [sh`chmod ${bits(after.mode)} -- ${path} || exit`] : []),
  ]);
}

/** In one step, as all else: nobody sees a half-copied tree. */
function placeCopy(path: string, before: PathValue | null, image: string): Sh {
  return join([
    openWorkshop(path),
    sh`cp -a -- ${image} "$rb_new" || exit`,
    sh`if [ -f "$rb_new" ] && [ ! -L "$rb_new" ]; then sync -- "$rb_new" || exit; fi`,
    ...clearWay(path, before),
    // rename(2) puts a directory over nothing else than an empty one.
    sh`if [ -d "$rb_new" ] && [ ! -L "$rb_new" ]; then rm -f -- ${path} || exit; fi`,
    sh`mv -fT -- "$rb_new" ${path} || exit`,
  ]);
}

function remove(path: string, before: PathValue | null, recursive: boolean): Sh {
  if (before?.kind !== 'directory') return sh`rm -f -- ${path} || exit`;
  return recursive ? sh`rm -rf --one-file-system -- ${path} || exit` : sh`rmdir -- ${path} || exit`;
}

function chown(file: Sh, wanted: PathValue): readonly Sh[] {
  const spec = ownerSpec(wanted);
  return spec === undefined ? [] : [sh`chown -h -- ${spec} ${file} || exit`];
}

/** An immutable or append-only file has to be thawed before anything else. */
function thaw(before: PathValue, path: string): readonly Sh[] {
  if (before.kind === 'link') return [];
  const frozen = [...(before.flags ?? '')].filter((letter) => letter === 'i' || letter === 'a').join('');
  return frozen === '' ? [] : [sh`chattr ${`-${frozen}`} -- ${path} || exit`];
}

function freeze(path: string, before: PathValue | null, after: PathValue): readonly Sh[] {
  if (after.kind === 'link' || after.flags === undefined) return [];
  const { flags } = after;
  const had = before === null || before.kind === 'link' ? '' : (before.flags ?? '');
  const gone = [...had].filter((letter) => !flags.includes(letter) && letter !== 'i' && letter !== 'a').join('');
  const come = [...flags].filter((letter) => !had.includes(letter) || letter === 'i' || letter === 'a').join('');
  return [
    ...(gone === '' ? [] : [sh`chattr ${`-${gone}`} -- ${path} || exit`]),
    ...(come === '' ? [] : [sh`chattr ${`+${come}`} -- ${path} || exit`]),
  ];
}

function setTimes(path: string, { modified, accessed }: Times): readonly Sh[] {
  if (modified === 'now' && accessed === 'now') return [sh`touch -ch -- ${path} || exit`];
  const set = (which: '-m' | '-a', time: string | undefined) => {
    if (time === undefined) return [];
    return [
      time === 'now' ? sh`touch -ch ${which} -- ${path} || exit` : sh`touch -ch ${which} -d ${time} -- ${path} || exit`,
    ];
  };
  return [...set('-m', modified), ...set('-a', accessed)];
}
