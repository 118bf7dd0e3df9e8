import { Float, Unknown } from '../values.ts';
import { article } from './compare.ts';
import { formatPercent } from './format_percent.ts';
import { checkList, checkText } from './limits.ts';
import {
  both,
  float,
  integer,
  isList,
  numeric,
  type Operand,
  Thing,
  Tuple,
  typeName,
  Undefined,
  unknownIn,
} from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

export function arithmetic(operator: ArithmeticOperator, left: Operand, right: Operand): Operand {
  for (const side of [left, right]) if (side instanceof Undefined) throw side.problem();
  if (operator === '%' && typeof left === 'string') return formatted(left, right);
  if (left instanceof Unknown) return right instanceof Unknown ? both(left, right) : left;
  if (right instanceof Unknown) return right;
  const a = numeric(left);
  const b = numeric(right);
  if (a !== undefined && b !== undefined) return calculate(operator, a, b, isFloat(left) || isFloat(right));
  if (operator === '+') return joined(left, right);
  const rest = operator === '-' && left instanceof Thing && right instanceof Thing ? left.minus(right) : undefined;
  if (rest !== undefined) return rest;
  if (operator === '*') return repeated(left, right);
  throw mismatch(operator, left, right);
}

function isFloat(operand: Operand): boolean {
  return operand instanceof Float || (typeof operand === 'number' && !Number.isInteger(operand));
}

function calculate(operator: ArithmeticOperator, a: number, b: number, floating: boolean): Operand {
  const give = floating ? float : integer;
  switch (operator) {
    case '+':
      return give(a + b);
    case '-':
      return give(a - b);
    case '*':
      return give(a * b);
    case '/':
      return float(a / divisor(b));
    case '//':
      return floating ? float(floorDivided(a, divisor(b))) : integer((a - modulo(a, divisor(b))) / b);
    case '%':
      return give(modulo(a, divisor(b)));
    case '**':
      return power(a, b, floating);
  }
}

function divisor(b: number): number {
  if (b === 0) throw new Problem('division by zero');
  return b;
}

/** The remainder has the sign of the divisor, as in Python. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

/** CPython's float_floor_div: by the remainder, so that `1 // 0.1` is 9 as `0.1` is a little more than it looks. */
function floorDivided(a: number, b: number): number {
  const quotient = (a - modulo(a, b)) / b;
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function power(a: number, b: number, floating: boolean): Operand {
  if (a === 0 && b < 0) throw new Problem('zero has no negative power');
  const result = a ** b;
  if (Number.isNaN(result) && a < 0) throw new Problem('a root of a negative number is not real');
  return floating || b < 0 ? float(result) : integer(result);
}

function joined(left: Operand, right: Operand): Operand {
  if (typeof left === 'string' && typeof right === 'string') {
    checkText(left.length + right.length);
    return left + right;
  }
  if (isList(left) && isList(right) && left instanceof Tuple === right instanceof Tuple) {
    checkList(left.length + right.length);
    return left instanceof Tuple ? Tuple.holding([...left, ...right]) : [...left, ...right];
  }
  throw mismatch('+', left, right);
}

function repeated(left: Operand, right: Operand): Operand {
  const [what, times] = numeric(left) === undefined ? [left, right] : [right, left];
  const count = numeric(times);
  if (count === undefined || isFloat(times)) throw mismatch('*', left, right);
  const copies = Math.max(0, count);
  if (typeof what === 'string') {
    checkText(what.length * copies);
    return what.repeat(copies);
  }
  if (!isList(what)) throw mismatch('*', left, right);
  checkList(what.length * copies);
  const items = Array.from({ length: copies }, () => what).flat();
  return what instanceof Tuple ? Tuple.holding(items) : items;
}

function mismatch(operator: string, left: Operand, right: Operand): Problem {
  const types = `${article(typeName(left))} and ${article(typeName(right))}`;
  return new Problem(`\`${operator}\` does not work on ${types}`, { hint: mismatchHint(operator, left, right) });
}

function mismatchHint(operator: string, left: Operand, right: Operand): string | undefined {
  const strings = [left, right].filter((side) => typeof side === 'string').length;
  if (strings === 2) return 'Turn texts into numbers with `| int` or `| float`.';
  if (operator === '+' && strings === 1) return 'Join texts with `~`, or turn the text into a number with `| int`.';
  return undefined;
}

function formatted(format: string, right: Operand): Operand {
  return unknownIn(right) ?? formatPercent(format, right);
}

export function negate(operator: '-' | '+', operand: Operand): Operand {
  if (operand instanceof Undefined) throw operand.problem();
  if (operand instanceof Unknown) return operand;
  const number = numeric(operand);
  if (number === undefined) throw new Problem(`\`${operator}\` does not work on ${article(typeName(operand))}`);
  const value = operator === '-' ? -number : number;
  return isFloat(operand) ? float(value) : integer(value);
}

/** `~`: joins as texts, whatever they are. */
export function concatenate(parts: readonly Operand[]): Operand {
  const texts: string[] = [];
  let length = 0;
  for (const part of parts) {
    const unknown = unknownIn(part);
    if (unknown !== undefined) return unknown;
    const text = textOf(part);
    length += text.length;
    checkText(length);
    texts.push(text);
  }
  return texts.join('');
}
