import { listMethods } from './methods_list.ts';
import { mapMethods } from './methods_map.ts';
import { textMethods } from './methods_text.ts';
import { isDict, isList, type Operand, Thing } from './operand.ts';
import { Problem } from './problem.ts';
import { invoke, type Routines } from './routine.ts';

/** Python's methods that templates use, by the type they belong to; nothing else of an object can be called. */
export function methodOf(object: Operand, name: string): Thing | undefined {
  const table = tableFor(object);
  if (table === undefined) return undefined;
  const advice = Object.hasOwn(table.changing, name) ? table.changing[name] : undefined;
  if (advice !== undefined) return changing(name, table.type, advice);
  const routine = Object.hasOwn(table.methods, name) ? table.methods[name] : undefined;
  if (routine === undefined) return undefined;
  return new Thing('method', {
    call: (args, runtime) => invoke(routine, `\`.${name}()\``, object, args, runtime),
  });
}

interface MethodTable {
  readonly type: string;
  readonly methods: Routines;
  /** Methods that would change the object, and what to write instead. */
  readonly changing: Readonly<Record<string, string>>;
}

function tableFor(object: Operand): MethodTable | undefined {
  if (typeof object === 'string') return { type: 'text', methods: textMethods, changing: {} };
  if (isList(object)) return { type: 'list', methods: listMethods, changing: LIST_CHANGES };
  return isDict(object) ? { type: 'map', methods: mapMethods, changing: MAP_CHANGES } : undefined;
}

const ADD = 'Make a new list with `+`: `{% set ns.all = ns.all + [item] %}`, where `ns` is a `namespace`.';
const MERGE = 'Make a new map with `| combine`.';
const LIST_CHANGES: Readonly<Record<string, string>> = {
  append: ADD,
  extend: ADD,
  insert: ADD,
  remove: 'Make a new list with `| difference`.',
  pop: 'Make a new list with a slice, such as `list[:-1]`.',
  clear: ADD,
  sort: 'Make a new list with `| sort`.',
  reverse: 'Make a new list with `| reverse`.',
};
const MAP_CHANGES: Readonly<Record<string, string>> = {
  update: MERGE,
  setdefault: MERGE,
  pop: MERGE,
  popitem: MERGE,
  clear: MERGE,
};

function changing(name: string, type: string, advice: string): Thing {
  return new Thing('method', {
    call: () => {
      throw new Problem(`\`.${name}()\` would change the ${type}, and values do not change here`, { hint: advice });
    },
  });
}
