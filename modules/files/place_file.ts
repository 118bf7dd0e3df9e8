import type { ValueMap } from '../../engine/language/values.ts';
import { type Ref, type SetStep, set, type View } from '../../engine/planning/contracts.ts';
import { type Content, digest } from '../../engine/resources/content.ts';
import { path } from '../../engine/resources/path.ts';
import type { PathAspect } from '../../engine/resources/path_look.ts';
import {
  type DirectoryValue,
  type FileValue,
  kindName,
  type PathValue,
  parentOf,
  samePath,
} from '../../engine/resources/path_value.ts';
import { validateProblem } from '../../engine/resources/validate_command.ts';
import { type AttributeParams, attributeAspects, withAttributes } from './attributes.ts';
import { backupName } from './backup.ts';
import { type Failure, isFailure } from './failure.ts';
import { pathInfo } from './result.ts';
import { looksAtTarget, newFileOwner, parentDirectory, type Target, targetOf } from './target.ts';

/** Parameters of the modules that put a whole file in place: copy, template. */
export interface PlaceParams extends AttributeParams {
  readonly dest: string;
  readonly backup: boolean;
  readonly force: boolean;
  readonly follow: boolean;
  readonly validate?: string;
}

/** Looks at the place of one file. Content that is not asked for can be `sha256` only. */
export function looksAtPlace(
  id: string,
  params: PlaceParams,
  view: View,
  ...aspects: readonly PathAspect[]
): readonly Ref[] {
  const wanted = [...aspects, ...attributeAspects(params)];
  return [...looksAtTarget(id, view, ...wanted), ...looksAtTarget(parentOf(id), view)];
}

export interface Placed {
  /** `undefined`: the file is left alone, for `force` is false. */
  readonly step: SetStep<PathValue> | undefined;
  readonly id: string;
  readonly value: PathValue | null;
  readonly before: PathValue | null;
  readonly backup: string | undefined;
  readonly changed: boolean;
}

/** One file that is to have this content. `parentMade`: its directory, where an earlier step of the task makes it. */
export function placeFile(
  id: string,
  content: Content,
  params: PlaceParams,
  view: View,
  aspects: readonly PathAspect[],
  parentMade?: DirectoryValue,
): Placed | Failure {
  const place = resolvePlace(id, params, view, [...aspects, ...attributeAspects(params)]);
  if (isFailure(place)) return place;
  const { ref, value: before } = place;
  if (before !== null && !params.force)
    return { step: undefined, id: ref.id, value: before, before, backup: undefined, changed: false };
  if (before?.kind === 'directory' || before?.kind === 'other') {
    return { failed: `${ref.id} is a ${kindName(before)}: a file cannot be put in its place`, parameter: 'dest' };
  }
  const parent = before?.kind === 'file' ? undefined : (parentMade ?? parentDirectory(ref.id, view));
  if (before?.kind !== 'file' && parent === undefined) return missingDirectory(ref.id, view);
  const command = params.validate === undefined ? undefined : validateProblem(params.validate);
  if (command !== undefined) return { failed: command, parameter: 'validate' };
  const found: FileValue = before?.kind === 'file' ? before : { kind: 'file', mode: 0o644, ...newFileOwner(view) };
  const same = before?.kind === 'file' && holds(before, content);
  const after = withAttributes(
    { ...found, ...(same ? before.content && { content: before.content } : { content }) },
    params,
  );
  if (isFailure(after)) return after;
  const old = before?.kind === 'file' ? before.content : undefined;
  const backup = params.backup && !same && old !== undefined ? backupName(ref.id, old, view.now) : undefined;
  const step = set(ref, after, {
    ...(params.validate !== undefined && !same && { validate: params.validate }),
    ...(backup !== undefined && { backup }),
    ...(params.unsafe_writes && { unsafeWrites: true }),
  });
  return { step, id: ref.id, value: after, before, backup, changed: before === null || !samePath(before, after) };
}

/** Where the content goes: to the end of a link only if that is there, else in place of the link. */
function resolvePlace(id: string, params: PlaceParams, view: View, aspects: readonly PathAspect[]): Target | Failure {
  const own = { ref: path(id, ...aspects), value: view.get(path(id, ...aspects)) };
  if (own.value?.kind !== 'link' || !params.follow) return own;
  const target = targetOf(id, view, ...aspects);
  return isFailure(target) || target.value !== null ? target : own;
}

/** Whether the file has this content: by what was read, or by its hash. */
function holds(file: FileValue, content: Content): boolean {
  return hashOf(file) === digest(content, 'sha256');
}

/** `undefined`: neither its content nor its hash is known. */
export function hashOf(file: FileValue): string | undefined {
  return file.stat?.digests?.sha256 ?? (file.content === undefined ? undefined : digest(file.content, 'sha256'));
}

function missingDirectory(id: string, view: View): Failure {
  const parent = targetOf(parentOf(id), view);
  if (isFailure(parent)) return parent;
  const what = parent.value === null ? 'does not exist' : `is a ${kindName(parent.value)}, not a directory`;
  return {
    failed: `the directory ${parentOf(id)} ${what}: make it first, or end dest with a slash`,
    parameter: 'dest',
  };
}

/** What copy and template register of one file. */
export function placedResult(placed: Placed, content: Content, src: string | undefined): ValueMap {
  const { value, before, backup } = placed;
  return {
    dest: placed.id,
    ...(src !== undefined && { src }),
    checksum: digest(content, 'sha1') ?? null,
    md5sum: digest(content, 'md5') ?? null,
    ...pathInfo(value, before),
    ...(backup !== undefined && { backup_file: backup }),
  };
}
