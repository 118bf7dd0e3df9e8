import { Unknown } from '../values.ts';
import { combine, type ListMerge } from './combine.ts';
import { article } from './compare.ts';
import { type Dict, dictOf, entryOf, isDict, isList, type Operand, tuple, typeName, Undefined } from './operand.ts';
import { reprOf, textOf } from './print.ts';
import { Problem } from './problem.ts';
import { type Routines, raw, shallow } from './routine.ts';
import { itemsOf } from './sequence.ts';

/** Ansible's filters on maps. */
export const mapFilters: Routines = {
  dict2items: shallow('key_name? value_name?', (input, args) => {
    const [key, value] = [args.text('key_name', 'key'), args.text('value_name', 'value')];
    return Object.entries(dict(input, 'dict2items')).map(([name, held]) =>
      dictOf([
        [key, name],
        [value, held],
      ]),
    );
  }),
  items2dict: shallow('key_name? value_name?', (input, args) => {
    if (!isList(input))
      throw new Problem(`the filter \`items2dict\` takes a list, and got ${article(typeName(input))}`);
    const [key, value] = [args.text('key_name', 'key'), args.text('value_name', 'value')];
    return fromPairs(input, key, value);
  }),
  items: raw('', (input) => {
    if (input instanceof Unknown) return input;
    if (input instanceof Undefined) return [];
    return Object.entries(dict(input, 'items')).map(([key, value]) => tuple(key, value));
  }),
  combine: shallow('*others **options', (input, args, { budget }) => {
    const terms = [input, ...args.rest].flatMap((term) => (isList(term) ? term : [term]));
    for (const name of args.more.keys()) {
      if (name !== 'recursive' && name !== 'list_merge')
        throw new Problem(`the filter \`combine\` has no argument \`${name}\``);
    }
    const unknown = terms.find((term) => term instanceof Unknown);
    if (unknown !== undefined) return unknown;
    const merge = (args.more.get('list_merge') ?? 'replace') as ListMerge;
    return combine(
      terms.map((term) => dict(term, 'combine')),
      args.more.get('recursive') === true,
      merge,
      budget,
    );
  }),
  rekey_on_member: shallow('key duplicates?', (input, args) => {
    const duplicates = args.text('duplicates', 'error');
    if (duplicates !== 'error' && duplicates !== 'overwrite') {
      throw new Problem('the filter `rekey_on_member` takes `error` or `overwrite` for `duplicates`');
    }
    const items = isDict(input) ? Object.values(input) : itemsOf(input);
    return rekeyed(items, args.text('key'), duplicates === 'overwrite');
  }),
  subelements: shallow('subelements skip_missing?', (input, args) => {
    const elements = isDict(input) ? Object.values(input) : itemsOf(input);
    const wanted = args.value('subelements');
    const path = isList(wanted) ? wanted.map(textOf) : textOf(wanted).split('.');
    return withSubelements(elements, path, args.flag('skip_missing'));
  }),
};

function dict(input: Operand, filter: string): Dict {
  if (input instanceof Undefined) throw input.problem();
  if (isDict(input)) return input;
  throw new Problem(`the filter \`${filter}\` takes a map, and got ${article(typeName(input))}`);
}

function fromPairs(items: readonly Operand[], keyName: string, valueName: string): Operand {
  const entries: [string, Operand][] = [];
  for (const item of items) {
    if (item instanceof Unknown) return item;
    const key = isDict(item) ? entryOf(item, keyName) : undefined;
    const value = isDict(item) ? entryOf(item, valueName) : undefined;
    if (key === undefined || value === undefined) {
      throw new Problem(`the filter \`items2dict\` needs \`${keyName}\` and \`${valueName}\` in each item`);
    }
    if (key instanceof Unknown) return key;
    entries.push([textOf(key), value]);
  }
  return dictOf(entries);
}

function rekeyed(items: readonly Operand[], member: string, overwrite: boolean): Operand {
  const made = new Map<string, Operand>();
  for (const item of items) {
    if (item instanceof Unknown) return item;
    const key = isDict(item) ? entryOf(item, member) : undefined;
    if (key === undefined) throw new Problem(`an item has no key \`${member}\``);
    if (key instanceof Unknown) return key;
    if (made.has(textOf(key)) && !overwrite) throw new Problem(`two items have the same \`${member}\`: ${reprOf(key)}`);
    made.set(textOf(key), item);
  }
  return dictOf(made);
}

function withSubelements(elements: readonly Operand[], path: readonly string[], skipMissing: boolean): Operand {
  const pairs: Operand[] = [];
  for (const element of elements) {
    const found = subelements(element, path, skipMissing);
    if (found instanceof Unknown) return found;
    pairs.push(...found.map((each) => tuple(element, each)));
  }
  return pairs;
}

function subelements(element: Operand, path: readonly string[], skipMissing: boolean): readonly Operand[] | Unknown {
  let at: Operand = element;
  for (const step of path) {
    if (at instanceof Unknown) return at;
    const found: Operand | undefined = isDict(at) ? entryOf(at, step) : undefined;
    if (found === undefined && skipMissing) return [];
    if (found === undefined) {
      throw new Problem(`an item has no key \`${step}\``, { hint: 'Set `skip_missing=true` to pass it over.' });
    }
    at = found;
  }
  if (at instanceof Unknown || isList(at)) return at;
  throw new Problem(`\`${path.join('.')}\` is ${article(typeName(at))} and not a list`);
}
