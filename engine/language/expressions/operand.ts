import type { Diagnostic } from '../diagnostics.ts';
import { Float, Unknown } from '../values.ts';
import type { Arguments } from './arguments.ts';
import { Problem } from './problem.ts';
import type { Runtime } from './runtime.ts';

/** What an expression works with: values, and what exists only while a template runs. */
export type Operand =
  | null
  | boolean
  | number
  | Float
  | string
  | Unknown
  | Undefined
  | Thing
  | readonly Operand[]
  | Dict;

export interface Dict {
  readonly [key: string]: Operand;
}

/** A name or an attribute that is not there. An error as soon as it is used, as Ansible's StrictUndefined. */
export class Undefined {
  /** As written, for `mandatory`. */
  readonly name: string;
  /** Computed when it is told: looking for a similar name takes time. */
  readonly explain: () => readonly Diagnostic[];
  /**
   * Jinja's own Undefined, which is what `a if b` without an `else` gives: it prints as nothing, is false and has no
   * items.
   */
  readonly lenient: boolean;

  constructor(name: string, explain: () => readonly Diagnostic[], lenient = false) {
    this.name = name;
    this.explain = explain;
    this.lenient = lenient;
  }

  problem(): Problem {
    return new Problem(`\`${this.name}\` is undefined`, { code: 'undefined', diagnostics: this.explain() });
  }
}

/** An object of the template's own: `loop`, a macro, a namespace, a method, a date. It never leaves the template. */
export class Thing {
  /** Python's name of the type. */
  readonly type: string;
  readonly attribute: (name: string) => Operand | undefined;
  readonly call: ((args: Arguments, runtime: Runtime) => Operand) | undefined;
  /** How it prints; a thing without it cannot be printed. */
  readonly text: (() => string) | undefined;
  /** Dates and the like compare by this. */
  readonly order: number | undefined;
  /** What is left when another is taken away from it; `undefined`: that means nothing. */
  readonly minus: (other: Thing) => Operand | undefined;

  constructor(
    type: string,
    parts: {
      readonly attribute?: (name: string) => Operand | undefined;
      readonly call?: (args: Arguments, runtime: Runtime) => Operand;
      readonly text?: () => string;
      readonly order?: number;
      readonly minus?: (other: Thing) => Operand | undefined;
    },
  ) {
    this.type = type;
    this.attribute = parts.attribute ?? (() => undefined);
    this.call = parts.call;
    this.text = parts.text;
    this.order = parts.order;
    this.minus = parts.minus ?? (() => undefined);
  }
}

/** A Python tuple: a list that prints with `(`, and is no list to `==`. */
export class Tuple extends Array<Operand> {
  #fields: readonly string[] = [];

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** `fields`: the names of a named tuple's items, as `groupby` gives them. */
  static holding(items: Iterable<Operand>, fields: readonly string[] = []): Tuple {
    const made = new Tuple();
    for (const item of items) made.push(item);
    made.#fields = fields;
    return made;
  }

  get fields(): readonly string[] {
    return this.#fields;
  }
}

export function tuple(...items: readonly Operand[]): Tuple {
  return Tuple.holding(items);
}

export function isList(operand: Operand): operand is readonly Operand[] {
  return Array.isArray(operand);
}

export function isDict(operand: Operand): operand is Dict {
  return (
    typeof operand === 'object' &&
    operand !== null &&
    !Array.isArray(operand) &&
    !(operand instanceof Float) &&
    !(operand instanceof Unknown) &&
    !(operand instanceof Undefined) &&
    !(operand instanceof Thing)
  );
}

/** By own property only: `constructor` and `__proto__` are keys like any other. */
export function entryOf(dict: Dict, key: string): Operand | undefined {
  return Object.hasOwn(dict, key) ? dict[key] : undefined;
}

export function dictOf(entries: Iterable<readonly [string, Operand]>): Dict {
  return Object.fromEntries(entries);
}

export function isNumber(operand: Operand): operand is number | Float {
  return typeof operand === 'number' || operand instanceof Float;
}

/** A number's value; booleans are 1 and 0 to Python's arithmetic. */
export function numeric(operand: Operand): number | undefined {
  if (typeof operand === 'number') return operand;
  if (operand instanceof Float) return operand.valueOf();
  if (typeof operand === 'boolean') return operand ? 1 : 0;
  return undefined;
}

export function isInteger(operand: Operand): operand is number {
  return typeof operand === 'number' && Number.isInteger(operand);
}

/** A float of Python's, which may look like an integer to JavaScript. */
export function float(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** An integer of Python's. Beyond 2^53 a double would round it silently, so that is an error. */
export function integer(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Problem('this integer is too large: beyond 2^53 it would be rounded');
  return value === 0 ? 0 : value;
}

/** Python's name of an operand's type, for messages and `type_debug`. */
export function typeName(operand: Operand): string {
  if (operand === null) return 'NoneType';
  switch (typeof operand) {
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(operand) ? 'int' : 'float';
    case 'string':
      return 'str';
    default:
      break;
  }
  if (operand instanceof Float) return 'float';
  if (operand instanceof Tuple) return 'tuple';
  if (isList(operand)) return 'list';
  if (operand instanceof Undefined) return 'AnsibleUndefined';
  if (operand instanceof Unknown) return 'unknown';
  return operand instanceof Thing ? operand.type : 'dict';
}

/** The first Unknown anywhere inside. Visits what is shared once. */
export function unknownIn(operand: Operand, seen?: Set<Operand>): Unknown | undefined {
  if (typeof operand !== 'object' || operand === null) return undefined;
  if (operand instanceof Unknown) return operand;
  if (!isList(operand) && !isDict(operand)) return undefined;
  const visited = seen ?? new Set();
  if (visited.has(operand)) return undefined;
  visited.add(operand);
  for (const item of isList(operand) ? operand : Object.values(operand)) {
    const found = unknownIn(item, visited);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Two things that are waited for at once: a look alone is enough only if it is for both. */
export function both(left: Unknown, right: Unknown): Unknown {
  return left.look ? right : left;
}
