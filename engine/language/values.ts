/**
 * What a variable or a parameter can hold. Plain data: objects are read by own property only,
 * and nothing in it is ever evaluated as a template again.
 */
export type Value = null | boolean | number | string | readonly Value[] | ValueMap | Unknown;

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
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
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
