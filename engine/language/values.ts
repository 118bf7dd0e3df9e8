/**
 * What a variable or a parameter can hold. Plain data: objects are read by own property only,
 * and nothing in it is ever evaluated as a template again.
 */
export type Value = null | boolean | number | Float | string | readonly Value[] | ValueMap | Unknown;

export interface ValueMap {
  readonly [key: string]: Value;
}

/**
 * A value that cannot be known yet: the output of a command that has not run, a fact not yet
 * gathered. Operators, filters and tests that meet one give one, so that a plan can say what it
 * waits for instead of guessing.
 */
export class Unknown {
  /** What has to happen first, in the user's words: a task's name, or "facts". */
  readonly waitsFor: string;
  /** True where a look at the host is enough: no task has to run first. */
  readonly look: boolean;

  constructor(waitsFor: string, look = false) {
    this.waitsFor = waitsFor;
    this.look = look;
  }
}

export function isUnknown(value: unknown): value is Unknown {
  return value instanceof Unknown;
}

export function isMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Float)
  );
}

/**
 * A float that JavaScript would take for an integer: `php_version: 8.0` must print `8.0` and not `8`.
 * Only YAML's reader and the expressions make one; any other float is a plain number. It is a number
 * to arithmetic and to JSON, and `plain` makes it one to `typeof`.
 */
export class Float extends Number {
  override toString(): string {
    return floatText(this.valueOf());
  }
}

/** Python's repr of a float: `1.0`, `1e+16`, `1e-07`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/** The same value with every Float as a number: what a module's parameter is validated as. */
export function plain(value: Value): Value {
  if (value instanceof Float) return value.valueOf();
  if (Array.isArray(value)) return mapped(value, plain);
  if (!isMap(value)) return value;
  const entries = Object.entries(value);
  const changed = entries.map(([key, inner]): [string, Value] => [key, plain(inner)]);
  return changed.every(([, inner], index) => inner === entries[index]?.[1]) ? value : Object.fromEntries(changed);
}

function mapped(list: readonly Value[], each: (value: Value) => Value): readonly Value[] {
  const changed = list.map(each);
  return changed.every((value, index) => value === list[index]) ? list : changed;
}

/** The first Unknown anywhere inside a value, if there is one. */
export function findUnknown(value: Value | undefined): Unknown | undefined {
  if (value instanceof Unknown) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    const found = findUnknown(inner as Value);
    if (found !== undefined) return found;
  }
  return undefined;
}
