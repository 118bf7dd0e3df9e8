import type { Ref, View } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import type { PathAspect } from '../../engine/resources/path_look.ts';
import { type DirectoryValue, type PathValue, parentOf, resolvedTarget } from '../../engine/resources/path_value.ts';
import type { Failure } from './failure.ts';

/** Links that follow one another, at most (path_resolution(7)). */
const MOST_LINKS = 40;

/** What a path names, links followed. */
export interface Target {
  readonly ref: Ref<PathValue>;
  readonly value: PathValue | null;
}

/** Why a path cannot be used, if so. */
export function pathProblem(given: string, parameter = 'path'): Failure | undefined {
  if (given.includes('\0')) return { failed: 'a path cannot hold a NUL byte', parameter };
  if (given.startsWith('/')) return undefined;
  return {
    failed: `${given === '' ? 'an empty path' : given} is relative: write the path from the root, such as /${given}`,
    parameter,
  };
}

/** The path, and as far as it has been seen, what it leads to. */
export function looksAtTarget(id: string, view: View, ...aspects: readonly PathAspect[]): readonly Ref<PathValue>[] {
  const refs = [path(id, ...aspects)];
  for (let i = 0; i < MOST_LINKS; i++) {
    const last = refs.at(-1) as Ref<PathValue>;
    const value = view.peek(last);
    const next = value?.kind === 'link' ? resolvedTarget(last.id, value) : null;
    if (next === null) break;
    refs.push(path(next, ...aspects));
  }
  return refs;
}

export function targetOf(id: string, view: View, ...aspects: readonly PathAspect[]): Target | Failure {
  let ref = path(id, ...aspects);
  for (let i = 0; i <= MOST_LINKS; i++) {
    const value = view.get(ref);
    if (value?.kind !== 'link') return { ref, value };
    const next = resolvedTarget(ref.id, value);
    if (next === null) break;
    ref = path(next, ...aspects);
  }
  return { failed: `${id} is a link that leads in circles` };
}

/** The directory that a new file is to stand in, if it is one. */
export function parentDirectory(id: string, view: View): DirectoryValue | undefined {
  const parent = targetOf(parentOf(id), view);
  return 'value' in parent && parent.value?.kind === 'directory' ? parent.value : undefined;
}

/** Who owns a file that is written anew: Ansible gives it the user's own group, whatever the directory's. */
export function newFileOwner(view: View): { owner?: string; group?: string } {
  return view.user === 'root' ? { owner: 'root', group: 'root' } : {};
}

/** Who owns what is newly made in a directory, as far as that is certain (mkdir(2), open(2)). */
export function newOwner(view: View, parent: DirectoryValue | undefined): { owner?: string; group?: string } {
  if (view.user !== 'root') return {};
  const inherits = parent !== undefined && (parent.mode & 0o2000) !== 0;
  const group = inherits ? parent.group : 'root';
  return { owner: 'root', ...(group !== undefined && { group }) };
}
