import { Unknown } from '../values.ts';
import { follow, itemOf, pathOf } from './item.ts';
import { checkList, MOST_FACTORS, spend } from './limits.ts';
import { joinTexts } from './methods_text.ts';
import { isList, type Operand, Tuple, Undefined } from './operand.ts';
import { arithmetic } from './operators.ts';
import { Problem } from './problem.ts';
import { deep, type Routines, raw, shallow } from './routine.ts';
import { itemsOf, sizeOf } from './sequence.ts';
import { characters } from './text.ts';

const size = shallow('', sizeOf);

/** Jinja's and Ansible's filters on lists that need no order and no other filter. */
export const listFilters: Routines = {
  length: size,
  count: size,
  first: shallow('', (input) => itemsOf(input)[0] ?? nothing('first')),
  last: shallow('', (input) => itemsOf(input).at(-1) ?? nothing('last')),
  list: shallow('', (input) => [...itemsOf(input)]),
  reverse: shallow('', (input) => {
    if (typeof input === 'string') return characters(input).reverse().join('');
    return [...itemsOf(input)].reverse();
  }),
  join: deep('d? attribute?', (input, args) => {
    const path = pathOf(args.value('attribute'));
    const items = itemsOf(input).map((item) => follow(item, path));
    return joinTexts(items, args.text('d', ''));
  }),
  sum: shallow('attribute? start?', (input, args) => {
    const path = pathOf(args.value('attribute'));
    return itemsOf(input).reduce<Operand>(
      (sum, item) => arithmetic('+', sum, follow(item, path)),
      args.value('start', 0),
    );
  }),
  flatten: shallow('levels? skip_nulls?', (input, args) => {
    const levels = args.value('levels') === null ? Number.POSITIVE_INFINITY : args.integer('levels', 0);
    const flat: Operand[] = [];
    return flatten(itemsOf(input), levels, args.flag('skip_nulls', true), flat) ?? flat;
  }),
  zip: shallow('*lists', (input, args) => {
    const lists = [input, ...args.rest].map(itemsOf);
    return zipped(lists, Math.min(...lists.map((list) => list.length)), null);
  }),
  zip_longest: shallow('*lists **options', (input, args) => {
    const lists = [input, ...args.rest].map(itemsOf);
    return zipped(lists, Math.max(...lists.map((list) => list.length)), args.more.get('fillvalue') ?? null);
  }),
  product: shallow('*lists **options', (input, args, runtime) => {
    const repeat = args.more.get('repeat') ?? 1;
    if (typeof repeat !== 'number') throw new Problem('the filter `product` takes an integer for `repeat`');
    const factors = [input, ...args.rest].map(itemsOf);
    if (factors.length * repeat > MOST_FACTORS) throw new Problem(`\`product\` combines at most ${MOST_FACTORS} lists`);
    const lists = Array.from({ length: Math.max(0, repeat) }, () => factors).flat();
    const length = lists.reduce((all, list) => all * list.length, 1);
    checkList(length * Math.max(1, lists.length));
    spend(runtime.budget, length);
    return product(lists);
  }),
  combinations: shallow('r', (input, args) => choices(itemsOf(input), args.integer('r', 0), false)),
  permutations: shallow('r?', (input, args) => {
    const items = itemsOf(input);
    return choices(items, args.integer('r', items.length), true);
  }),
  batch: shallow('linecount fill_with?', (input, args) =>
    batches(itemsOf(input), args.integer('linecount', 0), args.value('fill_with')),
  ),
  slice: shallow('slices fill_with?', (input, args) =>
    slices(itemsOf(input), args.integer('slices', 0), args.value('fill_with')),
  ),
  extract: raw('container morekeys?', (input, args) => {
    const more = args.value('morekeys');
    const keys = [input, ...(more === null ? [] : isList(more) ? more : [more])];
    return keys.reduce<Operand>(
      (value, key) => itemOf(value, key) ?? nothing(`item ${String(key)}`),
      args.value('container'),
    );
  }),
};

function nothing(what: string): Undefined {
  return new Undefined(what, () => [
    {
      code: 'undefined',
      severity: 'error',
      message: `there is no ${what}${what.startsWith('item') ? '' : ' item: the list is empty'}`,
    },
  ]);
}

/** As Ansible's, `skipNulls` also drops the texts `None` and `null`. Gives the Unknown that may hold any number of items. */
function flatten(items: readonly Operand[], levels: number, skipNulls: boolean, into: Operand[]): Unknown | undefined {
  for (const item of items) {
    if (item instanceof Unknown && (levels > 0 || skipNulls)) return item;
    if (skipNulls && (item === null || item === 'None' || item === 'null')) continue;
    if (isList(item) && levels > 0) {
      const unknown = flatten(item, levels - 1, skipNulls, into);
      if (unknown !== undefined) return unknown;
    } else {
      into.push(item);
    }
    checkList(into.length);
  }
  return undefined;
}

function zipped(lists: readonly (readonly Operand[])[], length: number, fill: Operand): Operand {
  return Array.from({ length }, (_, index) => Tuple.holding(lists.map((list) => list[index] ?? fill)));
}

function product(lists: readonly (readonly Operand[])[]): readonly Operand[] {
  const rows = lists.reduce<Operand[][]>((all, list) => all.flatMap((row) => list.map((item) => [...row, item])), [[]]);
  return rows.map((row) => Tuple.holding(row));
}

/** `count` of the items each: in their order, or in every order. */
function choices(items: readonly Operand[], count: number, ordered: boolean): readonly Operand[] {
  if (count < 0) throw new Problem('the number of items cannot be negative');
  checkList(choicesOf(items.length, count, ordered) * Math.max(1, count));
  const found: Tuple[] = [];
  const pick = (chosen: readonly number[]) => {
    if (chosen.length === count) {
      found.push(Tuple.holding(chosen.map((index) => items[index] ?? null)));
      return;
    }
    const from = ordered ? 0 : (chosen.at(-1) ?? -1) + 1;
    for (let index = from; index < items.length; index += 1) {
      if (!ordered || !chosen.includes(index)) pick([...chosen, index]);
    }
  };
  if (count <= items.length) pick([]);
  return found;
}

/** How many ways there are to choose. */
function choicesOf(size: number, count: number, ordered: boolean): number {
  let ways = 1;
  for (let picked = 0; picked < Math.min(count, size) && ways < Number.MAX_SAFE_INTEGER; picked += 1) {
    ways *= ordered ? size - picked : (size - picked) / (picked + 1);
  }
  return count > size ? 0 : ways;
}

function batches(items: readonly Operand[], size: number, fill: Operand): readonly Operand[] {
  if (size <= 0) throw new Problem('the filter `batch` needs a positive `linecount`');
  const made: Operand[][] = [];
  for (let at = 0; at < items.length; at += size) made.push(items.slice(at, at + size));
  const last = made.at(-1);
  if (fill !== null && last !== undefined) {
    checkList(size);
    while (last.length < size) last.push(fill);
  }
  return made;
}

function slices(items: readonly Operand[], count: number, fill: Operand): readonly Operand[] {
  if (count <= 0) throw new Problem('the filter `slice` needs a positive number of `slices`');
  checkList(count);
  const each = Math.floor(items.length / count);
  const longer = items.length % count;
  return Array.from({ length: count }, (_, index) => {
    const start = index * each + Math.min(index, longer);
    const made = items.slice(start, start + each + (index < longer ? 1 : 0));
    return fill !== null && index >= longer ? [...made, fill] : made;
  });
}
