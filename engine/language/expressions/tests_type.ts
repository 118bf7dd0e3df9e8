import { Float, Unknown } from '../values.ts';
import type { Truth } from './compare.ts';
import { isDict, isInteger, isList, isNumber, type Operand, Thing, Undefined } from './operand.ts';
import { textOf } from './print.ts';
import { deep, type Routine, type Routines, raw } from './routine.ts';

/** Tests of what a value is. None of them minds an undefined one. */
function kind(is: (input: Exclude<Operand, Unknown>) => boolean): Routine<Truth> {
  return raw('', (input) => (input instanceof Unknown ? input : is(input)));
}

function iterable(input: Operand): boolean {
  if (input instanceof Undefined) throw input.problem();
  return typeof input === 'string' || isList(input) || isDict(input);
}

const none = kind((input) => input === null);

export const typeTests: Routines<Truth> = {
  defined: kind((input) => !(input instanceof Undefined)),
  undefined: kind((input) => input instanceof Undefined),
  none,
  boolean: kind((input) => typeof input === 'boolean'),
  true: kind((input) => input === true),
  false: kind((input) => input === false),
  string: kind((input) => typeof input === 'string'),
  // To Python a boolean is a number, though no integer for this test.
  number: kind((input) => isNumber(input) || typeof input === 'boolean'),
  integer: kind(isInteger),
  float: kind((input) => input instanceof Float || (typeof input === 'number' && !Number.isInteger(input))),
  mapping: kind(isDict),
  sequence: kind((input) => typeof input === 'string' || isList(input) || isDict(input)),
  iterable: kind(iterable),
  callable: kind((input) => input instanceof Thing && input.call !== undefined),
  sameas: raw('other', (input, args) => {
    const other = args.value('other');
    if (input instanceof Unknown) return input;
    return other instanceof Unknown ? other : Object.is(input, other);
  }),
  lower: deep('', (input) => textOf(input) === textOf(input).toLowerCase() && /\p{L}/u.test(textOf(input))),
  upper: deep('', (input) => textOf(input) === textOf(input).toUpperCase() && /\p{L}/u.test(textOf(input))),
};
