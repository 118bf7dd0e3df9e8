import { contains, equal } from './compare.ts';
import type { Budget } from './limits.ts';
import { type Dict, dictOf, entryOf, isDict, isList, type Operand } from './operand.ts';
import { Problem } from './problem.ts';

const LIST_MERGES = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp'] as const;
export type ListMerge = (typeof LIST_MERGES)[number];

/** Ansible's merge_hash (utils/vars.py) over maps of rising precedence. */
export function combine(dicts: readonly Dict[], recursive: boolean, merge: ListMerge, budget: Budget): Dict {
  if (!LIST_MERGES.includes(merge)) {
    throw new Problem(`\`${String(merge)}\` is no \`list_merge\``, { hint: `There are ${LIST_MERGES.join(', ')}.` });
  }
  // From the highest precedence down, as Ansible does: the order decides what a list's duplicates are.
  return (
    dicts.reduceRight<Dict | undefined>(
      (high, low) => (high === undefined ? low : merged(low, high, recursive, merge, budget)),
      undefined,
    ) ?? {}
  );
}

function merged(low: Dict, high: Dict, recursive: boolean, merge: ListMerge, budget: Budget): Dict {
  // Ansible's shortcut, which also keeps the lists of two equal maps from being joined.
  if (Object.keys(low).length === 0 || equal(low, high, budget) === true) return high;
  const entries = new Map<string, Operand>(Object.entries(low));
  for (const [key, above] of Object.entries(high)) {
    const below = entryOf(low, key);
    if (isDict(below ?? null) && isDict(above)) {
      entries.set(key, recursive ? merged(below as Dict, above, recursive, merge, budget) : above);
    } else if (isList(below ?? null) && isList(above)) {
      entries.set(key, mergedLists(below as readonly Operand[], above, merge, budget));
    } else {
      entries.set(key, above);
    }
  }
  return dictOf(entries);
}

function mergedLists(low: readonly Operand[], high: readonly Operand[], merge: ListMerge, budget: Budget): Operand {
  const others = () => low.filter((item) => contains(high, item, budget) !== true);
  switch (merge) {
    case 'replace':
      return high;
    case 'keep':
      return low;
    case 'append':
      return [...low, ...high];
    case 'prepend':
      return [...high, ...low];
    case 'append_rp':
      return [...others(), ...high];
    case 'prepend_rp':
      return [...high, ...others()];
  }
}
