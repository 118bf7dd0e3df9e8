import { Unknown } from '../values.ts';
import type { ComparisonOperator } from './ast.ts';
import { type Budget, spend } from './limits.ts';
import {
  both,
  type Dict,
  isDict,
  isList,
  numeric,
  type Operand,
  Thing,
  Tuple,
  typeName,
  Undefined,
} from './operand.ts';
import { Problem } from './problem.ts';
import { compareText } from './text.ts';

export type Truth = boolean | Unknown;

export function not(truth: Truth): Truth {
  return truth instanceof Unknown ? truth : !truth;
}

/** Python's bool(): empty texts, lists and maps, zero and None are false. */
export function truthOf(operand: Operand): Truth {
  if (typeof operand === 'boolean') return operand;
  if (operand === null || operand === '') return false;
  const number = numeric(operand);
  if (number !== undefined) return number !== 0;
  if (operand instanceof Unknown) return operand;
  if (operand instanceof Undefined && operand.lenient) return false;
  if (operand instanceof Undefined) throw operand.problem();
  if (isList(operand)) return operand.length > 0;
  return !isDict(operand) || Object.keys(operand).length > 0;
}

/** Python's `==`. A difference that is certain decides, whatever else is unknown. */
export function equal(left: Operand, right: Operand, budget: Budget): Truth {
  spend(budget, 1);
  if (left instanceof Undefined) throw left.problem();
  if (right instanceof Undefined) throw right.problem();
  if (left instanceof Unknown) return right instanceof Unknown ? both(left, right) : left;
  if (right instanceof Unknown) return right;
  if (left === right) return true;
  const a = numeric(left);
  const b = numeric(right);
  if (a !== undefined || b !== undefined) return a === b;
  if (isList(left)) return isList(right) && equalLists(left, right, budget);
  if (isDict(left)) return isDict(right) && equalDicts(left, right, budget);
  return left instanceof Thing && right instanceof Thing && left.type === right.type && left.order !== undefined
    ? left.order === right.order
    : false;
}

function equalLists(left: readonly Operand[], right: readonly Operand[], budget: Budget): Truth {
  if (left.length !== right.length || left instanceof Tuple !== right instanceof Tuple) return false;
  return every(left.keys(), (index) => equal(left[index] ?? null, right[index] ?? null, budget));
}

function equalDicts(left: Dict, right: Dict, budget: Budget): Truth {
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  if (!keys.every((key) => Object.hasOwn(right, key))) return false;
  return every(keys, (key) => equal(left[key] ?? null, right[key] ?? null, budget));
}

function every<T>(items: Iterable<T>, holds: (item: T) => Truth): Truth {
  let unknown: Unknown | undefined;
  for (const item of items) {
    const truth = holds(item);
    if (truth === false) return false;
    if (truth instanceof Unknown) unknown ??= truth;
  }
  return unknown ?? true;
}

/** Python's `in`. */
export function contains(container: Operand, item: Operand, budget: Budget): Truth {
  if (container instanceof Undefined) throw container.problem();
  if (container instanceof Unknown) return container;
  if (isList(container)) return not(every(container, (each) => not(equal(each, item, budget))));
  if (item instanceof Unknown) return item;
  if (item instanceof Undefined) throw item.problem();
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
    throw new Problem(`\`in\` looks for a text in a text, not for ${article(typeName(item))}`, {
      hint: 'Turn it into a text with `| string`.',
    });
  }
  if (isDict(container)) {
    if (isList(item) || isDict(item)) throw new Problem(`${article(typeName(item))} is no key of a map`);
    return isKey(item) && Object.hasOwn(container, String(item));
  }
  throw new Problem(`${article(typeName(container))} holds nothing that \`in\` could find`, {
    hint: 'The right side of `in` is a list, a map or a text.',
  });
}

/** Keys are texts here; a number finds the key that was written as that number. */
export function isKey(operand: Operand): operand is string | number {
  return typeof operand === 'string' || typeof operand === 'number';
}

/** Python's order: negative, zero or positive. Only likes compare. */
export function compare(left: Operand, right: Operand, operator: string, budget: Budget): number | Unknown {
  spend(budget, 1);
  for (const side of [left, right]) if (side instanceof Undefined) throw side.problem();
  if (left instanceof Unknown) return right instanceof Unknown ? both(left, right) : left;
  if (right instanceof Unknown) return right;
  const a = numeric(left);
  const b = numeric(right);
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (isList(left) && isList(right) && left instanceof Tuple === right instanceof Tuple) {
    return compareLists(left, right, operator, budget);
  }
  if (left instanceof Thing && right instanceof Thing && left.order !== undefined && right.order !== undefined) {
    return left.order - right.order;
  }
  throw new Problem(`\`${operator}\` does not compare ${article(typeName(left))} with ${article(typeName(right))}`, {
    hint: numberHint(left, right),
  });
}

function numberHint(left: Operand, right: Operand): string | undefined {
  const mixed =
    (typeof left === 'string' && numeric(right) !== undefined) ||
    (numeric(left) !== undefined && typeof right === 'string');
  return mixed ? 'Turn the text into a number with `| int` or `| float`.' : undefined;
}

function compareLists(
  left: readonly Operand[],
  right: readonly Operand[],
  operator: string,
  budget: Budget,
): number | Unknown {
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const a = left[index] ?? null;
    const b = right[index] ?? null;
    const same = equal(a, b, budget);
    if (same instanceof Unknown) return same;
    if (!same) return compare(a, b, operator, budget);
  }
  return left.length - right.length;
}

/** `a list`, `an int`, and `None` for what has no type of its own. */
export function article(type: string): string {
  if (type === 'NoneType') return 'None';
  return `${/^[aeiou]/i.test(type) ? 'an' : 'a'} ${type}`;
}

/** One link of a chain of comparisons. */
export function compared(operator: ComparisonOperator, left: Operand, right: Operand, budget: Budget): Truth {
  switch (operator) {
    case '==':
      return equal(left, right, budget);
    case '!=':
      return not(equal(left, right, budget));
    case 'in':
      return contains(right, left, budget);
    case 'not in':
      return not(contains(right, left, budget));
    default:
      return inOrder(operator, compare(left, right, operator, budget));
  }
}

function inOrder(operator: '<' | '<=' | '>' | '>=', order: number | Unknown): Truth {
  if (order instanceof Unknown) return order;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
