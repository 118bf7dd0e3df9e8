import type { Ref, ResourceType, View } from '../../planning/contracts.ts';
import { path } from '../../resources/path.ts';
import { type TreeValue, treeType } from '../../resources/tree.ts';
import { sh } from '../../transport/sh.ts';

/**
 * What is below a directory, as it is now. Other than a tree it is not in doubt while a plan removes what is in it:
 * that is known, path by path.
 */
const insideType: ResourceType<TreeValue> = { ...treeType, name: 'what is inside', transition: () => sh`false` };

export function inside(id: string): Ref<TreeValue> {
  return { type: insideType, id, aspects: [] };
}

/** What of it will still be there. Of what goes with its directory nothing more is asked: it would be in doubt. */
export function leftInside(id: string, view: View, gone: ReadonlySet<string> = new Set()): readonly string[] {
  const within = view.get(inside(id));
  const left: string[] = [];
  let removed: string | undefined;
  for (const name of within?.entries ?? []) {
    if (removed !== undefined && name.startsWith(`${removed}/`)) continue;
    if (gone.has(`${id}/${name}`) || view.peek(path(`${id}/${name}`)) === null) removed = name;
    else left.push(name);
  }
  return [...left, ...(within?.unnamed ?? [])];
}
