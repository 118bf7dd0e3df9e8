import { Unknown } from '../values.ts';
import { truthOf } from './compare.ts';
import { parseFloating, parseInteger, toBoolean } from './convert.ts';
import { float, integer, numeric, type Operand, typeName, Undefined } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { deep, type Routines, raw } from './routine.ts';

const otherwise = raw('default_value? boolean?', (input, args) => {
  if (input instanceof Unknown) return input;
  if (input instanceof Undefined) return args.value('default_value', '');
  if (!args.flag('boolean')) return input;
  const truth = truthOf(input);
  if (truth instanceof Unknown) return truth;
  return truth ? input : args.value('default_value', '');
});

/** Filters that decide and convert: what is missing, true, a number, a text. */
export const valueFilters: Routines = {
  default: otherwise,
  d: otherwise,
  mandatory: raw('msg?', (input, args) => {
    if (!(input instanceof Undefined)) return input;
    const message = args.string('msg') ?? `the mandatory variable \`${input.name}\` is not defined`;
    throw new Problem(message, { code: 'undefined' });
  }),
  ternary: raw('true_val false_val none_val?', (input, args) => {
    if (input === null && args.value('none_val') !== null) return args.value('none_val');
    const truth = truthOf(input);
    if (truth instanceof Unknown) return truth;
    return args.value(truth ? 'true_val' : 'false_val');
  }),
  bool: deep('', (input) => toBoolean(input)),
  int: deep('default? base?', (input, args) => toInteger(input, args.integer('base', 10)) ?? args.value('default', 0)),
  float: deep('default?', (input, args) => toFloat(input) ?? args.value('default', float(0))),
  string: deep('', textOf),
  safe: deep('', textOf),
  type_debug: raw('', (input) => (input instanceof Unknown ? input : typeName(input))),
};

function toInteger(input: Operand, base: number): number | undefined {
  if (typeof input === 'string') {
    const whole = parseInteger(input, base);
    if (whole !== undefined) return integer(whole);
    const real = parseFloating(input);
    return real === undefined ? undefined : truncated(real);
  }
  const number = numeric(input);
  return number === undefined ? undefined : truncated(number);
}

/** An infinity is no integer, and neither is what is not a number. */
function truncated(value: number): number | undefined {
  if (Number.isNaN(value)) return undefined;
  if (!Number.isFinite(value)) throw new Problem('an infinite number is no integer');
  return integer(Math.trunc(value));
}

function toFloat(input: Operand): Operand | undefined {
  const value = typeof input === 'string' ? parseFloating(input) : numeric(input);
  return value === undefined ? undefined : float(value);
}
