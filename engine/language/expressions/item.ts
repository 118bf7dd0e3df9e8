import { Unknown } from '../values.ts';
import { isKey } from './compare.ts';
import { entryOf, isDict, isList, numeric, type Operand, Thing, Tuple, Undefined } from './operand.ts';
import { textOf } from './print.ts';
import { itemAt } from './sequence.ts';
import { characters } from './text.ts';

/** `object[key]`; `undefined`: there is none. */
export function itemOf(object: Operand, key: Operand): Operand | undefined {
  if (object instanceof Undefined || object instanceof Unknown) return object;
  if (key instanceof Undefined) throw key.problem();
  if (key instanceof Unknown) return key;
  if (object instanceof Thing) return typeof key === 'string' ? object.attribute(key) : undefined;
  if (isDict(object)) return entryOf(object, isKey(key) ? String(key) : textOf(key));
  if (typeof key === 'string') return fieldOf(object, key);
  const index = numeric(key);
  if (index === undefined || !Number.isInteger(index)) return undefined;
  if (isList(object)) return itemAt(object, index);
  return typeof object === 'string' ? itemAt(characters(object), index) : undefined;
}

/** A field of a named tuple. */
export function fieldOf(object: Operand, name: string): Operand | undefined {
  if (!(object instanceof Tuple)) return undefined;
  const index = object.fields.indexOf(name);
  return index === -1 ? undefined : object[index];
}

/** The path of an attribute, as `map(attribute='a.0.b')` takes it: all digits are an index. */
export function pathOf(attribute: Operand): readonly Operand[] {
  if (attribute === null) return [];
  if (typeof attribute !== 'string') return [attribute];
  return attribute.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Follows a path; what is missing on the way is Undefined, and goes on as such. */
export function follow(object: Operand, path: readonly Operand[]): Operand {
  let at = object;
  for (const step of path) at = itemOf(at, step) ?? missing(step);
  return at;
}

function missing(step: Operand): Undefined {
  const name = textOf(step);
  return new Undefined(name, () => [
    { code: 'undefined', severity: 'error', message: `an item has no attribute \`${name}\`` },
  ]);
}
