import type { Ref, ResourceType } from '../../planning/contracts.ts';
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
