import { Unknown } from '../values.ts';
import { type Arguments, type Bound, NO_ARGUMENTS } from './arguments.ts';
import { not, type Truth, truthOf } from './compare.ts';
import { follow, itemOf, pathOf } from './item.ts';
import { spend } from './limits.ts';
import { type Operand, Undefined } from './operand.ts';
import { Problem } from './problem.ts';
import { type Routine, type Routines, shallow } from './routine.ts';
import type { Runtime } from './runtime.ts';
import { itemsOf } from './sequence.ts';

/** Filters that apply another filter or a test to each item. */
export const applyFilters: Routines = {
  map: shallow('*filter **options', (input, args, runtime) => {
    if (truthOf(input) === false) return [];
    const items = itemsOf(input);
    spend(runtime.budget, items.length);
    const apply = args.rest.length === 0 ? attributeGetter(args) : filterCaller(args, runtime);
    return items.map(apply);
  }),
  select: selection(false, true),
  reject: selection(false, false),
  selectattr: selection(true, true),
  rejectattr: selection(true, false),
};

function attributeGetter(args: Bound): (item: Operand) => Operand {
  const attribute = args.more.get('attribute');
  const odd = [...args.more.keys()].find((name) => name !== 'attribute' && name !== 'default');
  if (attribute === undefined || odd !== undefined) {
    throw new Problem('the filter `map` takes the name of a filter, or `attribute` and perhaps `default`');
  }
  const path = pathOf(attribute);
  const otherwise = args.more.get('default') ?? null;
  if (otherwise === null) return (item) => follow(item, path);
  return (item) =>
    path.reduce<Operand>((at, step) => {
      const found = itemOf(at, step);
      return found === undefined || found instanceof Undefined ? otherwise : found;
    }, item);
}

function filterCaller(args: Bound, runtime: Runtime): (item: Operand) => Operand {
  const [name, ...rest] = args.rest;
  if (typeof name !== 'string') throw new Problem('the filter `map` takes the name of a filter first');
  const call: Arguments = { positional: rest, named: args.more };
  return (item) => runtime.filter(name, item, call);
}

/** Keeps the items, or their attribute, for which a test holds (or not); without a test their truth counts. */
function selection(byAttribute: boolean, keep: boolean): Routine {
  return shallow('*test **options', (input, args, runtime) => {
    if (truthOf(input) === false) return [];
    const [first, ...others] = args.rest;
    if (byAttribute && first === undefined) throw new Problem('the name of an attribute is needed');
    const path = byAttribute ? pathOf(first ?? null) : [];
    const holds = tester(byAttribute ? others : args.rest, args, runtime);
    const kept: Operand[] = [];
    for (const item of itemsOf(input)) {
      const truth = holds(follow(item, path));
      if (truth instanceof Unknown) return truth;
      if (truth === keep) kept.push(item);
    }
    return kept;
  });
}

function tester(call: readonly Operand[], args: Bound, runtime: Runtime): (item: Operand) => Truth {
  const [name, ...rest] = call;
  if (name === undefined) return (item) => not(not(truthOf(item)));
  if (typeof name !== 'string') throw new Problem('the name of a test is a text');
  const options: Arguments =
    rest.length === 0 && args.more.size === 0 ? NO_ARGUMENTS : { positional: rest, named: args.more };
  return (item) => runtime.test(name, item, options);
}
