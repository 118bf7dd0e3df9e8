import type { Ref, SetStep, View } from '../../engine/planning/contracts.ts';
import { set } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import { ancestorsOf, type DirectoryValue, kindName, type PathValue } from '../../engine/resources/path_value.ts';
import { type AttributeParams, withAttributes } from './attributes.ts';
import { type Failure, isFailure } from './failure.ts';
import { looksAtTarget, newOwner, targetOf } from './target.ts';

const NEW_MODE = 0o755;

/** A directory and all above it, so that it is known which of them are missing. */
export function looksAtDirectory(id: string, view: View): readonly Ref<PathValue>[] {
  return [...ancestorsOf(id), ...(id === '/' ? [] : [id])].flatMap((one) => looksAtTarget(one, view));
}

/** Steps that make a directory and those above it that are missing, each with these attributes, as Ansible does. */
export function makeDirectories(
  id: string,
  params: AttributeParams,
  view: View,
): { readonly steps: readonly SetStep<PathValue>[]; readonly made: DirectoryValue | undefined } | Failure {
  const steps: SetStep<PathValue>[] = [];
  let parent: DirectoryValue | undefined;
  for (const one of [...ancestorsOf(id), id]) {
    if (one === '/') continue;
    const found = targetOf(one, view);
    if (isFailure(found)) return found;
    if (found.value === null && found.ref.id !== one)
      return { failed: `${one} is a link to ${found.ref.id}, which does not exist` };
    if (found.value !== null && found.value.kind !== 'directory') {
      return { failed: `${one} is a ${kindName(found.value)}: a directory cannot be made in its place` };
    }
    if (found.value !== null) {
      parent = found.value;
      continue;
    }
    const made = withAttributes(newDirectory(view, parent), params);
    if (isFailure(made)) return made;
    steps.push(set<PathValue>(path(one), made));
    parent = made;
  }
  return { steps, made: steps.length > 0 ? parent : undefined };
}

/** A directory inherits the set-group-id bit (mkdir(2)). */
export function newDirectory(view: View, parent: DirectoryValue | undefined): DirectoryValue {
  return { kind: 'directory', mode: NEW_MODE | ((parent?.mode ?? 0) & 0o2000), ...newOwner(view, parent) };
}
