import { Unknown } from '../values.ts';
import { fieldOf } from './item.ts';
import { methodOf } from './methods.ts';
import { entryOf, isDict, type Operand, Thing, Undefined } from './operand.ts';

/**
 * `object.name`; `undefined`: there is none. Python looks for the method first. A key goes first here where the
 * attribute is not called, so that a map with a key `values` is no trap.
 */
export function attributeOf(object: Operand, name: string, called: boolean): Operand | undefined {
  if (object instanceof Undefined || object instanceof Unknown) return object;
  if (object instanceof Thing) return object.attribute(name);
  if (isDict(object)) {
    const method = methodOf(object, name);
    const entry = entryOf(object, name);
    return called ? (method ?? entry) : (entry ?? method);
  }
  return fieldOf(object, name) ?? methodOf(object, name);
}
