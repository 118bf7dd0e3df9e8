import { type Ref, type Step, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import { kindName, type PathValue, parentOf, resolvedTarget } from '../../engine/resources/path_value.ts';
import { tree } from '../../engine/resources/tree.ts';
import { attributeAspects, withAttributes } from './attributes.ts';
import { looksAtDirectory, makeDirectories } from './directories.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { type FileParams, looksAtOwn, ownTarget, timesOf, withTimes } from './file_params.ts';
import { setAttributes } from './file_states.ts';
import { pathInfo } from './result.ts';

/** What is above the directory, and with `recurse` what is below it. */
export function looksAtTree(params: FileParams, view: View): readonly Ref[] {
  const own = looksAtOwn(params, view).at(-1) as Ref<PathValue>;
  const above = looksAtDirectory(parentOf(own.id), view);
  return params.recurse ? [...above, ...walk(own.id, params, view).looks] : above;
}

export function beDirectory(params: FileParams, view: View): Wish {
  const target = ownTarget(params, view);
  if (isFailure(target)) return failedWish(target);
  const { ref, value } = target;
  if (value !== null && value.kind !== 'directory') {
    return failedWish({
      failed: `${ref.id} is a ${kindName(value)}: a directory cannot be made in its place`,
      parameter: 'path',
    });
  }
  const wish = value === null ? newDirectories(ref.id, params, view) : setAttributes(target, value, params, 'path');
  if (!params.recurse || wish.failed !== undefined) return wish;
  const below = setBelow(ref.id, params, view);
  return isFailure(below) ? failedWish(below) : { ...wish, steps: [...wish.steps, ...below] };
}

function newDirectories(id: string, params: FileParams, view: View): Wish {
  const times = timesOf(params);
  if (isFailure(times)) return failedWish(times);
  const made = makeDirectories(id, params, view);
  if (isFailure(made)) return failedWish(made);
  const steps = made.steps.map((step) => (step.to === null ? step : { ...step, to: withTimes(step.to, null, times) }));
  return { steps, result: { path: id, ...pathInfo(made.made ?? null) } };
}

function setBelow(id: string, params: FileParams, view: View): readonly Step[] | Failure {
  const times = timesOf(params);
  if (isFailure(times)) return times;
  const steps: Step[] = [];
  const { entries, unnamed } = walk(id, params, view);
  const [odd] = unnamed;
  if (odd !== undefined)
    return { failed: `${odd} has a name that is not UTF-8: nothing can be set there`, parameter: 'recurse' };
  for (const { ref, value } of entries) {
    const wished = withAttributes(value, params);
    if (isFailure(wished)) return wished;
    steps.push(set<PathValue>(ref, withTimes<PathValue>(wished, value, times)));
  }
  return steps;
}

interface Walk {
  /** All that has to be looked at, as far as it is known. */
  readonly looks: readonly Ref[];
  readonly entries: readonly { readonly ref: Ref<PathValue>; readonly value: PathValue }[];
  readonly unnamed: readonly string[];
}

/** All below a directory and, where links are followed, below what links there lead to; each but once. */
function walk(top: string, params: FileParams, view: View): Walk {
  const looks: Ref[] = [];
  const entries = new Map<string, { ref: Ref<PathValue>; value: PathValue }>();
  const unnamed: string[] = [];
  const aspects = attributeAspects(params);
  const waiting = [top];
  const entered = new Set(waiting);
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    const listing = tree(directory);
    looks.push(listing);
    const listed = view.peek(listing);
    unnamed.push(...(listed?.unnamed ?? []).map((name) => `${directory}/${name}`));
    for (const entry of listed?.entries ?? [])
      visit(path(`${directory === '/' ? '' : directory}/${entry}`, ...aspects));
  }
  return { looks, entries: [...entries.values()], unnamed };

  function visit(ref: Ref<PathValue>): void {
    if (entries.has(ref.id)) return;
    looks.push(ref);
    const value = view.peek(ref);
    if (value === undefined || value === null) return;
    entries.set(ref.id, { ref, value });
    const next = value.kind === 'link' && params.follow ? resolvedTarget(ref.id, value) : null;
    if (next === null) return;
    const target = path(next, ...aspects);
    visit(target);
    // A directory below the top is in its listing already; one elsewhere needs a listing of its own.
    if (view.peek(target)?.kind !== 'directory' || entered.has(next) || next.startsWith(`${top}/`)) return;
    entered.add(next);
    waiting.push(next);
  }
}
