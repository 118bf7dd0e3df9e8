import { Unknown } from '../values.ts';
import { isKey } from './compare.ts';
import { entryOf, isDict, type Operand, tuple } from './operand.ts';
import { type Routines, raw, shallow } from './routine.ts';

/** Methods of Python's dict that leave it as it is. */
export const mapMethods: Routines = {
  get: raw('key default?', (input, args) => {
    const key = args.value('key');
    if (key instanceof Unknown) return key;
    const found = isDict(input) && isKey(key) ? entryOf(input, String(key)) : undefined;
    return found === undefined ? args.value('default') : found;
  }),
  items: shallow('', (input) => Object.entries(dict(input)).map(([key, value]) => tuple(key, value))),
  keys: shallow('', (input) => Object.keys(dict(input))),
  values: shallow('', (input) => Object.values(dict(input))),
  copy: shallow('', (input) => input),
};

function dict(input: Operand): { readonly [key: string]: Operand } {
  return isDict(input) ? input : {};
}
