import type { LocalFile, Ref, View, Wish } from '../../engine/planning/contracts.ts';
import { contentOf } from '../../engine/resources/content.ts';
import { type CopiedItem, copyRoot, copyTree, looksAtCopy, type TreeParams } from './copied_tree.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';

export interface LocalTreeParams extends TreeParams {
  readonly local_follow: boolean;
  readonly decrypt: boolean;
}

/** Links within links within ... end here. */
const DEEPEST = 40;

export function looksAtLocalTree(params: LocalTreeParams, source: LocalFile, view: View): readonly Ref[] {
  const items = itemsOf(source, params, view);
  return isFailure(items) ? [] : looksAtCopy(copyRoot(params), items, followed(params, items), view);
}

export function copyLocalTree(params: LocalTreeParams, source: LocalFile, view: View): Wish {
  const items = itemsOf(source, params, view);
  if (isFailure(items)) return failedWish(items);
  const wish = copyTree(copyRoot(params), items, followed(params, items), view);
  return { ...wish, ...(wish.result && { result: { ...wish.result, src: source.path } }) };
}

/** Ansible follows links of the host only where no directories are copied. */
function followed(params: LocalTreeParams, items: readonly CopiedItem[]): LocalTreeParams {
  return { ...params, follow: params.follow && !items.some((item) => item.kind === 'directory') };
}

function itemsOf(source: LocalFile, params: LocalTreeParams, view: View): readonly CopiedItem[] | Failure {
  const items: CopiedItem[] = [];
  const problem = walk(source, '', 0);
  return problem ?? items;

  function walk(directory: LocalFile, prefix: string, depth: number): Failure | undefined {
    if (depth > DEEPEST)
      return { failed: `${directory.path} is reached by links that lead in circles`, parameter: 'src' };
    const links = directory.links?.() ?? new Map<string, string>();
    for (const entry of directory.entries()) {
      const name = prefix + entry;
      const target = links.get(entry);
      const file = view.local(`${directory.path}/${entry}`, 'file', params);
      // A link that leads nowhere can only be copied as one.
      if (target !== undefined && (!params.local_follow || file === undefined))
        items.push({ kind: 'link', name, target });
      else if (file === undefined)
        return { failed: `${directory.path}/${entry} is neither a file nor a directory`, parameter: 'src' };
      else if (file.kind === 'file')
        items.push({ kind: 'file', name, mode: file.mode, content: contentOf(file.bytes()) });
      else {
        items.push({ kind: 'directory', name, mode: undefined });
        const deeper = target === undefined ? undefined : walk(file, `${name}/`, depth + 1);
        if (deeper !== undefined) return deeper;
      }
    }
    return undefined;
  }
}
