import { type Ref, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import { type FileValue, kindName, normalPath, type PathValue, parentOf } from '../../engine/resources/path_value.ts';
import { tree } from '../../engine/resources/tree.ts';
import { attributeAspects, withAttributes } from './attributes.ts';
import { failedWish, isFailure } from './failure.ts';
import { type FileParams, ownTarget, timesOf, withTimes } from './file_params.ts';
import { pathInfo } from './result.ts';
import { newOwner, parentDirectory, type Target } from './target.ts';

/** A directory goes with all that is in it, and the plan says how much that is. */
export function looksAtRemoved(params: FileParams, view: View): readonly Ref[] {
  const id = normalPath(params.path);
  return view.peek(path(id, 'content'))?.kind === 'directory' && id !== '/' ? [tree(id)] : [];
}

export function beAbsent(params: FileParams, view: View): Wish {
  const ref = path(normalPath(params.path), 'content');
  const result = { path: ref.id, state: 'absent' };
  if (ref.id === '/') return failedWish({ failed: '/ cannot be removed', parameter: 'path' });
  const value = view.get(ref);
  if (value === null) return { steps: [], result };
  if (value.kind !== 'directory') return { steps: [set<PathValue>(ref, null)], result };
  const listing = tree(ref.id);
  const inside = view.problem(listing) === undefined ? view.get(listing) : null;
  const entries = inside === null ? undefined : inside.entries.length + inside.unnamed.length;
  return { steps: [set<PathValue>(ref, null, { recursive: true, entries })], result };
}

/** It must be there, as a file or as something that can be treated like one. */
export function beFile(params: FileParams, view: View): Wish {
  const target = ownTarget(params, view);
  if (isFailure(target)) return failedWish(target);
  const { ref, value } = target;
  const id = normalPath(params.path);
  if (value === null && ref.id !== id && params.state === undefined) {
    return {
      steps: [],
      result: { path: id },
      warnings: [`${id} leads to ${ref.id}, which does not exist: nothing to set`],
    };
  }
  if (value === null) {
    return failedWish({
      failed: `${ref.id} does not exist; state: touch makes an empty file, copy one with content`,
      parameter: 'path',
    });
  }
  const link = value.kind === 'link' && params.state === undefined;
  if (value.kind === 'directory' || (value.kind === 'link' && !link)) {
    return failedWish({ failed: `${ref.id} is a ${kindName(value)}, not a file`, parameter: 'state' });
  }
  return setAttributes({ ref, value }, value, params, 'path');
}

export function beTouched(params: FileParams, view: View): Wish {
  const target = ownTarget(params, view);
  if (isFailure(target)) return failedWish(target);
  if (target.value !== null) return setAttributes(target, target.value, params, 'dest');
  const id = normalPath(params.path);
  if (target.ref.id !== id) {
    return failedWish({ failed: `${id} is a link to ${target.ref.id}, which does not exist`, parameter: 'path' });
  }
  const parent = parentDirectory(id, view);
  if (parent === undefined)
    return failedWish({ failed: `the directory ${parentOf(id)} does not exist`, parameter: 'path' });
  const times = timesOf(params);
  if (isFailure(times)) return failedWish(times);
  const empty: FileValue = { kind: 'file', mode: 0o644, ...newOwner(view, parent), content: { text: '' } };
  const made = withAttributes(empty, params);
  if (isFailure(made)) return failedWish(made);
  // What is new has the time of now.
  const given = Object.fromEntries(Object.entries(times ?? {}).filter(([, time]) => time !== 'now'));
  const wished = Object.keys(given).length === 0 ? made : withTimes(made, null, given);
  return {
    steps: [set<PathValue>(path(id, 'content', ...attributeAspects(params)), wished)],
    result: { dest: id, ...pathInfo(wished) },
  };
}

/** Owner, mode and times of what is there. */
export function setAttributes(target: Target, value: PathValue, params: FileParams, name: 'path' | 'dest'): Wish {
  const times = timesOf(params);
  if (isFailure(times)) return failedWish(times);
  const wished = withAttributes(value, params);
  if (isFailure(wished)) return failedWish(wished);
  const after = withTimes<PathValue>(wished, value, times);
  return { steps: [set<PathValue>(target.ref, after)], result: { [name]: target.ref.id, ...pathInfo(after, value) } };
}
