import { Float } from '../values.ts';
import { article } from './compare.ts';
import { isDict, isList, numeric, type Operand, typeName, Undefined } from './operand.ts';
import { Problem } from './problem.ts';
import { characters, lengthOf } from './text.ts';

/** What Python iterates over: a list's items, a map's keys, a text's characters. */
export function itemsOf(operand: Operand): readonly Operand[] {
  if (isList(operand)) return operand;
  if (typeof operand === 'string') return characters(operand);
  if (isDict(operand)) return Object.keys(operand);
  if (operand instanceof Undefined && operand.lenient) return [];
  if (operand instanceof Undefined) throw operand.problem();
  throw new Problem(`${article(typeName(operand))} has no items to go through`, {
    hint: 'A list, a map or a text is expected here.',
  });
}

/** Python's len(). */
export function sizeOf(operand: Operand): number {
  if (typeof operand === 'string') return lengthOf(operand);
  if (isList(operand)) return operand.length;
  if (isDict(operand)) return Object.keys(operand).length;
  if (operand instanceof Undefined) return itemsOf(operand).length;
  throw new Problem(`${article(typeName(operand))} has no length`);
}

/** The item at a place, counted from the end where it is negative; `undefined`: there is none. */
export function itemAt<T>(items: readonly T[], index: number): T | undefined {
  return items[index < 0 ? items.length + index : index];
}

export interface Slice {
  readonly start: Operand;
  readonly stop: Operand;
  readonly step: Operand;
}

/** `items[start:stop:step]`, each of which may be None. */
export function slice<T>(items: readonly T[], { start, stop, step }: Slice): T[] {
  const by = bound(step) ?? 1;
  if (by === 0) throw new Problem('the step of a slice cannot be zero');
  const size = items.length;
  const [low, high] = by > 0 ? [0, size] : [-1, size - 1];
  const clamp = (value: number | undefined, otherwise: number) =>
    value === undefined ? otherwise : Math.min(high, Math.max(low, value < 0 ? value + size : value));
  const from = clamp(bound(start), by > 0 ? low : high);
  const to = clamp(bound(stop), by > 0 ? high : low);
  const picked: T[] = [];
  for (let at = from; by > 0 ? at < to : at > to; at += by) picked.push(items[at] as T);
  return picked;
}

function bound(operand: Operand): number | undefined {
  if (operand === null) return undefined;
  const number = numeric(operand);
  if (number !== undefined && !(operand instanceof Float) && Number.isInteger(number)) return number;
  throw new Problem(`a slice takes integers, and got ${article(typeName(operand))}`);
}
