import { Unknown } from '../values.ts';
import type { ComparisonOperator } from './ast.ts';
import { article, compared, contains, not, type Truth, truthOf } from './compare.ts';
import { readBoolean } from './convert.ts';
import { isNumber, numeric, type Operand, typeName } from './operand.ts';
import { arithmetic } from './operators.ts';
import { Problem } from './problem.ts';
import { deep, type Routine, type Routines, raw, shallow } from './routine.ts';
import { itemsOf } from './sequence.ts';

function comparing(operator: ComparisonOperator): Routine<Truth> {
  return raw('other', (input, args, { budget }) => compared(operator, input, args.value('other'), budget));
}

function rest(input: Operand, divisor: Operand): number {
  if (numeric(input) === undefined) throw new Problem(`${article(typeName(input))} cannot be divided`);
  return numeric(arithmetic('%', input, divisor)) ?? 0;
}

function truthful(wanted: boolean): Routine<Truth> {
  return shallow('convert_bool?', (input, args) => {
    const read = args.flag('convert_bool') ? readBoolean(input) : undefined;
    const truth = read ?? truthOf(input);
    return truth instanceof Unknown ? truth : truth === wanted;
  });
}

const within: Routine<Truth> = deep('b', (input, args, { budget }) => {
  const others = itemsOf(args.value('b'));
  return itemsOf(input).every((item) => contains(others, item, budget) === true);
});
const around: Routine<Truth> = deep('b', (input, args, { budget }) => {
  const mine = itemsOf(input);
  return itemsOf(args.value('b')).every((item) => contains(mine, item, budget) === true);
});
const notANumber: Routine<Truth> = deep('', (input) => isNumber(input) && Number.isNaN(input.valueOf()));

const equalTo = comparing('==');
const unequal = comparing('!=');
const less = comparing('<');
const atMost = comparing('<=');
const more = comparing('>');
const atLeast = comparing('>=');

/** Tests that compare, and those of set theory. */
export const compareTests: Routines<Truth> = {
  '==': equalTo,
  eq: equalTo,
  equalto: equalTo,
  '!=': unequal,
  ne: unequal,
  '<': less,
  lt: less,
  lessthan: less,
  '<=': atMost,
  le: atMost,
  '>': more,
  gt: more,
  greaterthan: more,
  '>=': atLeast,
  ge: atLeast,
  in: raw('seq', (input, args, { budget }) => contains(args.value('seq'), input, budget)),
  contains: raw('value', (input, args, { budget }) => contains(input, args.value('value'), budget)),
  even: deep('', (input) => rest(input, 2) === 0),
  odd: deep('', (input) => rest(input, 2) === 1),
  divisibleby: deep('num', (input, args) => rest(input, args.value('num')) === 0),
  subset: within,
  issubset: within,
  superset: around,
  issuperset: around,
  any: shallow('', (input) => not(all(itemsOf(input).map((item) => not(truthOf(item)))))),
  all: shallow('', (input) => all(itemsOf(input).map(truthOf))),
  truthy: truthful(true),
  falsy: truthful(false),
  nan: notANumber,
  isnan: notANumber,
};

function all(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.find((truth) => truth instanceof Unknown) ?? true;
}
