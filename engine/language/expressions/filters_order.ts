import { Unknown } from '../values.ts';
import type { Bound } from './arguments.ts';
import { article, compare, contains, equal } from './compare.ts';
import { follow, pathOf } from './item.ts';
import { type Budget, spend } from './limits.ts';
import { isDict, isList, numeric, type Operand, Tuple, tuple, typeName, Undefined, unknownIn } from './operand.ts';
import { Problem } from './problem.ts';
import { deep, type Routine, type Routines, shallow } from './routine.ts';
import { itemsOf } from './sequence.ts';

/** Filters that sort, group and compare items, by an attribute of theirs where one is given. */
export const orderFilters: Routines = {
  sort: shallow('reverse? case_sensitive? attribute?', (input, args, { budget }) => {
    const attribute = args.value('attribute');
    const paths = (typeof attribute === 'string' ? attribute.split(',') : [attribute]).map(pathOf);
    const key = (item: Operand) => paths.map((path) => folded(follow(item, path), args.flag('case_sensitive')));
    return sorted(itemsOf(input), key, args.flag('reverse'), budget);
  }),
  dictsort: shallow('case_sensitive? by? reverse?', (input, args, { budget }) => {
    if (!isDict(input)) throw new Problem('the filter `dictsort` takes a map');
    const by = args.text('by', 'key');
    if (by !== 'key' && by !== 'value') throw new Problem('the filter `dictsort` sorts by `key` or `value`');
    const entries = Object.entries(input).map(([key, value]) => tuple(key, value));
    const at = by === 'key' ? 0 : 1;
    const key = (entry: Operand) => folded(isList(entry) ? (entry[at] ?? null) : null, args.flag('case_sensitive'));
    return sorted(entries, key, args.flag('reverse'), budget);
  }),
  groupby: shallow('attribute default? case_sensitive?', (input, args, { budget }) =>
    groups(itemsOf(input), args, budget),
  ),
  min: extreme(-1),
  max: extreme(1),
  unique: deep('case_sensitive? attribute?', (input, args, { budget }) => {
    const path = pathOf(args.value('attribute'));
    const keys = itemsOf(input).map((item) => follow(item, path));
    // Ansible falls back to plain comparison where items cannot be hashed.
    const isPlain = keys.some((key) => isList(key) || isDict(key));
    const sensitive = isPlain || args.flag('case_sensitive');
    return firsts(
      itemsOf(input),
      keys.map((key) => folded(key, sensitive)),
      budget,
    );
  }),
  union: setFilter((a, b, budget) => distinct([...a, ...b], budget), true),
  intersect: setFilter((a, b, budget) => distinct(a.filter(membership(b, budget).has), budget)),
  difference: setFilter((a, b, budget) => {
    const others = membership(b, budget);
    return distinct(
      a.filter((item) => !others.has(item)),
      budget,
    );
  }),
  symmetric_difference: setFilter((a, b, budget) => {
    const [mine, others] = [membership(a, budget), membership(b, budget)];
    return distinct([...a, ...b], budget).filter((item) => mine.has(item) !== others.has(item));
  }, true),
};

type Key = (item: Operand) => Operand;

function folded(key: Operand, caseSensitive: boolean): Operand {
  return typeof key === 'string' && !caseSensitive ? key.toLowerCase() : key;
}

/** Sorts stably, in Python's order; an Unknown in the keys makes the order unknown. */
function sorted(items: readonly Operand[], key: Key, reverse: boolean, budget: Budget): Operand {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  const unknown = keyed.map((each) => unknownIn(each.key)).find((found) => found !== undefined);
  if (unknown !== undefined && items.length > 1) return unknown;
  const order = (a: Operand, b: Operand) => {
    const found = compare(a, b, '<', budget);
    return found instanceof Unknown ? 0 : found;
  };
  return keyed.sort((a, b) => (reverse ? order(b.key, a.key) : order(a.key, b.key))).map(({ item }) => item);
}

function groups(items: readonly Operand[], args: Bound, budget: Budget): Operand {
  const path = pathOf(args.value('attribute'));
  const real = (item: Operand) => {
    const found = follow(item, path);
    return found instanceof Undefined && args.has('default') ? args.value('default') : found;
  };
  const key = (item: Operand) => folded(real(item), args.flag('case_sensitive'));
  const ordered = sorted(items, key, false, budget);
  if (!isList(ordered)) return ordered;
  const made: { key: Operand; items: Operand[] }[] = [];
  for (const item of ordered) {
    const last = made.at(-1);
    const same = last === undefined ? false : equal(last.key, key(item), budget);
    if (same instanceof Unknown) return same;
    if (last !== undefined && same) last.items.push(item);
    else made.push({ key: key(item), items: [item] });
  }
  return made.map((group) => Tuple.holding([real(group.items[0] ?? null), group.items], ['grouper', 'list']));
}

function extreme(direction: 1 | -1): Routine {
  return shallow('case_sensitive? attribute?', (input, args, { budget }) => {
    const path = pathOf(args.value('attribute'));
    const key = (item: Operand) => folded(follow(item, path), args.flag('case_sensitive'));
    let best: Operand | undefined;
    for (const item of itemsOf(input)) {
      const order = best === undefined ? direction : compare(key(item), key(best), direction > 0 ? '>' : '<', budget);
      if (order instanceof Unknown) return order;
      if (order * direction > 0) best = item;
    }
    return (
      best ??
      new Undefined('an item', () => [
        { code: 'undefined', severity: 'error', message: 'an empty list has neither a smallest nor a largest item' },
      ])
    );
  });
}

type SetRun = (a: readonly Operand[], b: readonly Operand[], budget: Budget) => Operand;

/** `joins`: the two are put together, so both have to be lists. */
function setFilter(run: SetRun, joins = false): Routine {
  return deep('b', (input, args, { budget }) => {
    const other = args.value('b');
    const odd = joins ? [input, other].find((each) => !isList(each)) : undefined;
    if (odd !== undefined) throw new Problem(`${args.what} takes two lists, and got ${article(typeName(odd))}`);
    return run(itemsOf(input), itemsOf(other), budget);
  });
}

function distinct(items: readonly Operand[], budget: Budget): readonly Operand[] {
  return firsts(items, items, budget);
}

/** The items whose key has not come before. */
function firsts(items: readonly Operand[], keys: readonly Operand[], budget: Budget): readonly Operand[] {
  const seen = membership([], budget);
  return items.filter((_, index) => {
    const key = keys[index] ?? null;
    const isNew = !seen.has(key);
    if (isNew) seen.add(key);
    return isNew;
  });
}

interface Membership {
  readonly has: (item: Operand) => boolean;
  readonly add: (item: Operand) => void;
}

/** A set by Python's `==`: quick for scalars, one by one for lists and maps. */
function membership(items: readonly Operand[], budget: Budget): Membership {
  const plain = new Set<string>();
  const others: Operand[] = [];
  const set: Membership = {
    has(item) {
      spend(budget, 1);
      const mark = markOf(item);
      return mark === undefined ? contains(others, item, budget) === true : plain.has(mark);
    },
    add(item) {
      const mark = markOf(item);
      if (mark === undefined) others.push(item);
      else plain.add(mark);
    },
  };
  items.forEach(set.add);
  return set;
}

/** The same text for equal scalars: `1`, `1.0` and `true` are equal. */
function markOf(key: Operand): string | undefined {
  if (typeof key === 'string') return `s${key}`;
  const number = numeric(key);
  if (number !== undefined) return `n${number}`;
  return key === null ? 'null' : undefined;
}
