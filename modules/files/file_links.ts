import { posix } from 'node:path';
import { type Ref, type Step, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import {
  type FileValue,
  kindName,
  type LinkValue,
  normalPath,
  type PathValue,
  parentOf,
} from '../../engine/resources/path_value.ts';
import { tree } from '../../engine/resources/tree.ts';
import { asksForAttributes, attributeAspects, withAttributes } from './attributes.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { type FileParams, timesOf, withTimes } from './file_params.ts';
import { pathInfo } from './result.ts';
import { looksAtTarget, newOwner, parentDirectory, pathProblem, targetOf } from './target.ts';

/** What the link leads to; with `force`, whether a directory in its place is empty. */
export function looksAtLink(params: FileParams, view: View): readonly Ref[] {
  const id = normalPath(params.path);
  const own = view.peek(path(id, 'content'));
  const place = hardLinkPlace(params, view);
  const src = sourceOf(params, own);
  return [
    ...(src === undefined ? [] : looksAtTarget(src, view, ...attributeAspects(params))),
    ...(params.state === 'link' && params.force && own?.kind === 'directory' ? [tree(id)] : []),
    ...(place === undefined || place === id ? [] : [path(place, 'content'), ...looksAtTarget(id, view)]),
  ];
}

/** The path that the link leads to, absolute. */
function sourceOf(params: FileParams, own: PathValue | null | undefined): string | undefined {
  const written = params.src ?? (own?.kind === 'link' ? own.target : undefined);
  if (written === undefined || written === '' || written.includes('\0')) return undefined;
  return normalPath(posix.resolve(parentOf(normalPath(params.path)), written));
}

export function beLink(params: FileParams, view: View): Wish {
  const id = normalPath(params.path);
  const ref = path(id, 'content');
  const before = view.get(ref);
  const written = params.src ?? (before?.kind === 'link' ? before.target : undefined);
  if (written === undefined) return failedWish({ failed: 'src is required for a new link', parameter: 'src' });
  const src = sourceOf(params, before);
  if (src === undefined) return failedWish({ failed: 'src is empty, or holds a NUL byte', parameter: 'src' });
  const source = targetOf(src, view, ...attributeAspects(params));
  const missing = isFailure(source) || source.value === null;
  if (missing && !params.force && params.src !== undefined) {
    return failedWish({
      failed: `${src} does not exist; with force: true the link is made all the same`,
      parameter: 'src',
    });
  }
  const refusal = replaceProblem(id, before, params, view);
  if (refusal !== undefined) return failedWish(refusal);
  const link = linkWish(before, written, params, view);
  if (isFailure(link)) return failedWish(link);
  const steps: Step[] = [set<PathValue>(ref, link)];
  const result = { dest: id, src: written, ...pathInfo(link, before) };
  const times = timesOf(params);
  if (isFailure(times)) return failedWish(times);
  if (!params.follow || (!asksForAttributes(params) && times === undefined)) return { steps, result };
  if (isFailure(source) || source.value === null) {
    return {
      steps,
      result,
      warnings: [
        `${id} leads to ${src}, which does not exist: nothing to set there; follow: false says that this is meant`,
      ],
    };
  }
  const target = withAttributes(source.value, params);
  if (isFailure(target)) return failedWish(target);
  steps.push(set<PathValue>(source.ref, withTimes<PathValue>(target, source.value, times)));
  return { steps, result };
}

function linkWish(before: PathValue | null, target: string, params: FileParams, view: View): LinkValue | Failure {
  const parent = parentDirectory(normalPath(params.path), view);
  if (before === null && parent === undefined) {
    return { failed: `the directory ${parentOf(normalPath(params.path))} does not exist`, parameter: 'path' };
  }
  const same = before?.kind === 'link' && before.target === target;
  const link: LinkValue = same ? before : { kind: 'link', target, ...newOwner(view, parent) };
  // What is said of owner and mode is said of what the link leads to.
  return params.follow ? withAttributes(link, { unsafe_writes: false }) : withAttributes(link, params);
}

function replaceProblem(id: string, before: PathValue | null, params: FileParams, view: View): Failure | undefined {
  if (before === null || before.kind === 'link') return undefined;
  if (!params.force) {
    return {
      failed: `${id} is a ${kindName(before)}: it is only replaced by a link with force: true`,
      parameter: 'path',
    };
  }
  if (before.kind === 'directory' && (view.get(tree(id))?.entries.length ?? 0) > 0) {
    return { failed: `${id} is a directory that is not empty: it is never replaced by a link`, parameter: 'path' };
  }
  return undefined;
}

/** A hard link that is to be made in a directory has the name of `src` there. */
function hardLinkPlace(params: FileParams, view: View): string | undefined {
  if (params.state !== 'hard' || params.src === undefined) return undefined;
  const id = normalPath(params.path);
  const own = view.peek(path(id, 'content'));
  if (own === undefined) return undefined;
  const target = own?.kind === 'link' ? looksAtTarget(id, view).at(-1) : undefined;
  const kind = target === undefined ? own?.kind : view.peek(target)?.kind;
  return kind === 'directory' ? normalPath(`${id}/${posix.basename(params.src)}`) : id;
}

export function beHardLink(params: FileParams, view: View): Wish {
  const id = hardLinkPlace(params, view) ?? normalPath(params.path);
  const ref = path(id, 'content');
  const before = view.get(ref);
  if (params.src === undefined) {
    const known = before?.kind === 'file' && (before.stat?.links ?? 1) > 1;
    if (!known) return failedWish({ failed: 'src is required for a new hard link', parameter: 'src' });
    return linked(ref, before, before, params, undefined);
  }
  const problem = pathProblem(params.src, 'src');
  if (problem !== undefined) return failedWish(problem);
  const source = targetOf(normalPath(params.src), view, ...attributeAspects(params));
  if (isFailure(source)) return failedWish(source);
  const { value } = source;
  if (value?.kind !== 'file') {
    const what = value === null ? 'does not exist' : `is a ${kindName(value)}: only files have hard links`;
    return failedWish({ failed: `${source.ref.id} ${what}`, parameter: 'src' });
  }
  if (before?.kind === 'file' && isSame(before, source.ref.id, value))
    return linked(ref, before, before, params, params.src);
  if (before !== null && before.kind !== 'link' && (!params.force || before.kind !== 'file')) {
    const how = before.kind === 'file' ? ': it is only replaced with force: true' : '';
    return failedWish({ failed: `${id} is another ${kindName(before)}${how}`, parameter: 'path' });
  }
  if (before === null && parentDirectory(id, view) === undefined) {
    return failedWish({ failed: `the directory ${parentOf(id)} does not exist`, parameter: 'path' });
  }
  const wish: FileValue = { ...value, hard: source.ref.id };
  return linked(ref, before, wish, params, params.src);
}

function isSame(before: FileValue, source: string, value: FileValue): boolean {
  if (before.hard === source) return true;
  return (
    before.stat !== undefined && before.stat.inode === value.stat?.inode && before.stat.device === value.stat.device
  );
}

function linked(
  ref: Ref<PathValue>,
  before: PathValue | null,
  wish: FileValue,
  params: FileParams,
  src: string | undefined,
): Wish {
  const attributes = withAttributes(wish, params);
  const times = timesOf(params);
  if (isFailure(attributes)) return failedWish(attributes);
  if (isFailure(times)) return failedWish(times);
  // The inode of the source says whether the link has been made.
  const made: FileValue = {
    ...withTimes(attributes, wish, times),
    ...(wish.hard !== undefined && { hard: wish.hard, ...(wish.stat && { stat: wish.stat }) }),
  };
  const result = {
    dest: ref.id,
    ...(src !== undefined && { src }),
    ...pathInfo({ ...made, hard: src ?? ref.id }, before ?? wish),
  };
  return { steps: [set<PathValue>(ref, made)], result };
}
