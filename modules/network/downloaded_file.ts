import { posix } from 'node:path';
import { type Action, type Change, keyOf, type Ref, type View } from '../../engine/planning/contracts.ts';
import { pathType } from '../../engine/resources/path.ts';
import {
  type FileValue,
  kindName,
  normalPath,
  type PathValue,
  parentOf,
  samePath,
} from '../../engine/resources/path_value.ts';
import { type Sh, sh } from '../../engine/transport/sh.ts';
import { type AttributeParams, attributeAspects, withAttributes } from '../files/attributes.ts';
import { backupName } from '../files/backup.ts';
import { type Failure, isFailure } from '../files/failure.ts';
import { looksAtTarget, newFileOwner, parentDirectory, targetOf } from '../files/target.ts';

export interface PlaceParams extends AttributeParams {
  readonly dest: string;
  readonly backup?: boolean;
}

/** Where what is downloaded goes, what is there, and what it is to be, its content apart. */
export interface Place {
  readonly ref: Ref<PathValue>;
  readonly before: FileValue | null;
  readonly after: FileValue;
  readonly inDirectory: boolean;
  readonly backup: string | undefined;
}

/** `name`: what it is called where `dest` is a directory. */
export function looksAtPlace(
  params: PlaceParams,
  name: string,
  view: View,
  ...more: readonly 'sha256'[]
): readonly Ref[] {
  const dest = normalPath(params.dest);
  const aspects = [...attributeAspects(params), ...(params.backup ? (['content'] as const) : []), ...more];
  const own = looksAtTarget(dest, view, ...aspects);
  const inside = view.peek(own.at(-1) as Ref<PathValue>)?.kind === 'directory' || params.dest.endsWith('/');
  return [
    ...own,
    ...looksAtTarget(parentOf(dest), view),
    ...(inside ? [...looksAtTarget(`${dest}/${name}`, view, ...aspects)] : []),
  ];
}

export function placeOf(params: PlaceParams, name: string, view: View, ...more: readonly 'sha256'[]): Place | Failure {
  const dest = normalPath(params.dest);
  const aspects = [...attributeAspects(params), ...(params.backup ? (['content'] as const) : []), ...more];
  const own = targetOf(dest, view, ...aspects);
  if (isFailure(own)) return own;
  const inDirectory = own.value?.kind === 'directory';
  if (params.dest.endsWith('/') && !inDirectory) return { failed: `${dest} is no directory`, parameter: 'dest' };
  const found = inDirectory ? targetOf(`${dest}/${name}`, view, ...aspects) : own;
  if (isFailure(found)) return found;
  const { ref, value } = found;
  if (value !== null && value.kind !== 'file') {
    return { failed: `${ref.id} is a ${kindName(value)}: a file cannot be put in its place`, parameter: 'dest' };
  }
  if (value === null && !inDirectory && parentDirectory(ref.id, view) === undefined) {
    return { failed: `the directory ${parentOf(ref.id)} does not exist: make it first`, parameter: 'dest' };
  }
  const { content: before, ...bare } = value ?? { kind: 'file' as const, mode: 0o644, ...newFileOwner(view) };
  const after = withAttributes<FileValue>(bare as FileValue, params);
  if (isFailure(after)) return after;
  const backup = params.backup && before !== undefined ? backupName(ref.id, before, view.now) : undefined;
  return { ref, before: value, after, inDirectory, backup };
}

/**
 * Puts `$rb_web/body` there as files are always put in place: in a private directory first, with its owner and mode
 * before the first byte. What is there already is only given its owner and mode. Part `placed` says whether it was.
 */
export function placeProgram({ ref, before, after, backup }: Place, params: { readonly unsafe_writes?: boolean }): Sh {
  const options = { ...(backup !== undefined && { backup }), ...(params.unsafe_writes && { unsafeWrites: true }) };
  const content = { size: 0, sha256: '', host: '/dev/fd/5' };
  const write = pathType.transition([{ ref, before, after: { ...after, content }, options }]);
  const bare = before === null ? null : withoutContent(before);
  const same = bare === null || samePath(bare, after);
  const adjust = bare === null || same ? sh`:` : pathType.transition([{ ref, before: bare, after, options: {} }]);
  return sh`rb_part placed
if [ -f ${ref.id} ] && cmp -s -- "$rb_web/body" ${ref.id}; then
  ${adjust}
  echo ${same ? 'same' : 'adjusted'}
else
  exec 5<"$rb_web/body" || exit
  ${write}
  exec 5<&-
  echo new
fi`;
}

function withoutContent({ content: _, ...rest }: FileValue): FileValue {
  return rest;
}

/** What an action that puts a file there may alter, and how an undo takes it back: a new file goes again. */
export function placeEffects(place: Place): Pick<Action, 'disturbs' | 'alters' | 'access'> {
  const { ref, before, after } = place;
  const change: Change<PathValue> = { ref, before, after, options: {} };
  return {
    disturbs: (other, value) => keyOf(other) === keyOf(ref as Ref) || pathType.affects?.(change, other, value) === true,
    alters: [change as Change],
    access: pathType.access?.(ref.id) === true,
  };
}

/** The last part of a URL's path. */
export function nameInUrl(url: string, otherwise: string): string {
  const base = URL.canParse(url) ? posix.basename(decoded(new URL(url).pathname)) : '';
  return base === '' || base === '.' || base === '..' || base.includes('\0') ? otherwise : base;
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname).replaceAll('\\', '/');
  } catch {
    return pathname;
  }
}
