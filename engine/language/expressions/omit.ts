import type { Value } from '../values.ts';

/**
 * What the variable `omit` holds: a parameter with this value is to be left out, as if it were not written. Whoever
 * binds parameters has to look for it (`isOmit`); printed in a text it is an error.
 */
export const OMIT: Value = Object.freeze({});

export function isOmit(value: unknown): boolean {
  return value === OMIT;
}
