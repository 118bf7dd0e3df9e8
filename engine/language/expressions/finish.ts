import { Float, Unknown, type Value } from '../values.ts';
import { article } from './compare.ts';
import { type Budget, DEEPEST_VALUE, spend } from './limits.ts';
import { type Dict, isList, type Operand, Thing, Tuple, typeName, Undefined } from './operand.ts';
import { Problem } from './problem.ts';

/**
 * What leaves the expressions is plain data: a tuple becomes a list, and nothing undefined or callable is left in it.
 * What holds none of these stays the same object.
 */
export function finish(operand: Operand, budget: Budget, depth = 0): Value {
  if (typeof operand !== 'object' || operand === null) return operand;
  if (operand instanceof Float || operand instanceof Unknown) return operand;
  if (operand instanceof Undefined && operand.lenient) return '';
  if (operand instanceof Undefined) throw operand.problem();
  if (operand instanceof Thing) {
    throw new Problem(`${article(typeName(operand))} is no value`, {
      hint: operand.call === undefined ? undefined : 'Call it: add `()`.',
    });
  }
  if (depth > DEEPEST_VALUE) throw new Problem(`this value nests deeper than ${DEEPEST_VALUE} levels`);
  return isList(operand) ? finishList(operand, budget, depth) : finishDict(operand, budget, depth);
}

function finishList(list: readonly Operand[], budget: Budget, depth: number): Value {
  spend(budget, list.length);
  const items = list.map((item) => finish(item, budget, depth + 1));
  return list instanceof Tuple || items.some((item, index) => item !== list[index])
    ? items
    : (list as readonly Value[]);
}

function finishDict(dict: Dict, budget: Budget, depth: number): Value {
  const entries = Object.entries(dict);
  spend(budget, entries.length);
  const finished = entries.map(([key, value]) => [key, finish(value, budget, depth + 1)] as const);
  const same = finished.every(([, value], index) => value === entries[index]?.[1]);
  return same ? (dict as { readonly [key: string]: Value }) : Object.fromEntries(finished);
}
