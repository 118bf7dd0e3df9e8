import { type Ref, type Step, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { type Content, digest } from '../../engine/resources/content.ts';
import { path } from '../../engine/resources/path.ts';
import {
  asFound,
  type DirectoryValue,
  kindName,
  type LinkValue,
  normalPath,
  octal,
  type PathValue,
  parentOf,
} from '../../engine/resources/path_value.ts';
import { type AttributeParams, attributeAspects, withAttributes } from './attributes.ts';
import { looksAtDirectory, makeDirectories, newDirectory } from './directories.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { hashOf, type PlaceParams, placeFile } from './place_file.ts';
import { looksAtTarget, newOwner, parentDirectory, targetOf } from './target.ts';

/** What is to be in the copy of a directory, by its path below it; a directory comes before what is in it. */
export type CopiedItem =
  | { readonly kind: 'directory'; readonly name: string; readonly mode: number | undefined }
  | { readonly kind: 'file'; readonly name: string; readonly mode: number; readonly content: Content }
  | { readonly kind: 'link'; readonly name: string; readonly target: string };

export interface TreeParams extends PlaceParams {
  readonly src?: string;
  readonly directory_mode?: string;
}

/** As for rsync: with a slash at the end of `src`, what is in it; without, the directory itself. */
export function copyRoot(params: TreeParams): string {
  const src = params.src ?? '';
  const name = src.endsWith('/') ? '' : src.slice(src.lastIndexOf('/') + 1);
  return normalPath(`${params.dest}/${name}`);
}

/** Files are compared by their hashes, in one process; only those that differ are read. */
export function looksAtCopy(
  root: string,
  items: readonly CopiedItem[],
  params: TreeParams,
  view: View,
): readonly Ref[] {
  const extra = attributeAspects(params);
  const refs: Ref[] = [...looksAtDirectory(root, view)];
  for (const item of items) {
    const id = `${root}/${item.name}`;
    if (item.kind === 'directory') refs.push(...looksAtTarget(id, view));
    else if (item.kind === 'link') refs.push(path(id, 'content'));
    else {
      const looks = params.follow ? looksAtTarget(id, view, 'sha256', ...extra) : [path(id, 'sha256', ...extra)];
      const last = looks.at(-1) as Ref<PathValue>;
      const seen = view.peek(last);
      const differs = seen?.kind === 'file' && hashOf(seen) !== digest(item.content, 'sha256');
      refs.push(...looks, ...(differs ? [path(last.id, 'sha256', 'content', ...extra)] : []));
    }
  }
  return refs;
}

/** Directories that have been made by steps of this task. */
type Made = Map<string, DirectoryValue>;

export function copyTree(root: string, items: readonly CopiedItem[], params: TreeParams, view: View): Wish {
  const result = {
    dest: params.dest.endsWith('/') ? params.dest : `${params.dest}/`,
    ...(params.src !== undefined && { src: params.src }),
  };
  if (items.length === 0) return { steps: [], result };
  const above = makeDirectories(root, directoryParams(params, undefined), view);
  if (isFailure(above)) return failedWish(above);
  const steps: Step[] = [...above.steps];
  const made: Made = new Map(above.made === undefined ? [] : [[root, above.made]]);
  const owned = items.some((item) => item.kind === 'directory');
  for (const item of items) {
    const step = copyItem(`${root}/${item.name}`, item, params, view, made, owned);
    if (isFailure(step)) return failedWish(step);
    if (step !== undefined) steps.push(step);
  }
  return { steps, result };
}

function copyItem(
  id: string,
  item: CopiedItem,
  params: TreeParams,
  view: View,
  made: Made,
  owned: boolean,
): Step | Failure | undefined {
  const parent = made.get(parentOf(id));
  switch (item.kind) {
    case 'directory':
      return copyDirectory(id, item.mode, params, view, made);
    case 'link':
      return copyLink(id, item.target, params, view, parent, owned);
    case 'file': {
      const mode = params.mode === 'preserve' ? octal(item.mode) : params.mode;
      const own = { ...params, ...(mode !== undefined && { mode }) };
      const placed = placeFile(id, item.content, own, view, ['sha256'], parent);
      return isFailure(placed) ? placed : placed.step;
    }
  }
}

function copyDirectory(
  id: string,
  mode: number | undefined,
  params: TreeParams,
  view: View,
  made: Made,
): Step | Failure {
  const target = targetOf(id, view);
  if (isFailure(target)) return target;
  const { value } = target;
  if (value !== null && value.kind !== 'directory') {
    return { failed: `${id} is a ${kindName(value)}: a directory cannot be made in its place`, parameter: 'dest' };
  }
  const parent = made.get(parentOf(id)) ?? parentDirectory(id, view);
  const wished = withAttributes(
    value ?? newDirectory(view, parent),
    directoryParams(params, value === null ? mode : undefined),
  );
  if (isFailure(wished)) return wished;
  if (value === null) made.set(id, wished);
  return set<PathValue>(target.ref, wished);
}

function directoryParams(params: TreeParams, mode: number | undefined): AttributeParams {
  const { mode: _ofFiles, attributes: _ofThem, ...owned } = params;
  const own = params.directory_mode ?? (mode === undefined ? undefined : octal(mode));
  return { ...owned, ...(own !== undefined && { mode: own }) };
}

function newLink(target: string, view: View, parent: DirectoryValue | undefined): LinkValue {
  return { kind: 'link', target, ...newOwner(view, parent) };
}

function copyLink(
  id: string,
  target: string,
  params: TreeParams,
  view: View,
  parent: DirectoryValue | undefined,
  owned: boolean,
): Step | Failure {
  const ref = path(id, 'content');
  const before = view.get(ref);
  if (before?.kind === 'directory' || before?.kind === 'other') {
    return { failed: `${id} is a ${kindName(before)}: a link cannot be put in its place`, parameter: 'dest' };
  }
  const found = before?.kind === 'link' && before.target === target ? before : newLink(target, view, parent);
  // Beside nothing but files, Ansible means what the link leads to, and that is in the copy itself.
  const wished = owned ? withAttributes(found, params) : asFound(found);
  return isFailure(wished) ? wished : set<PathValue>(ref, wished);
}
