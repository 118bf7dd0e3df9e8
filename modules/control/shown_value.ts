import { Float, isUnknown, type Value } from '../../engine/language/values.ts';

/** A value as a person reads it: text as it is, anything else as indented JSON. */
export function shownValue(value: Value): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, plainer, 2) ?? String(value);
}

function plainer(_key: string, value: unknown): unknown {
  if (isUnknown(value)) return `(known after ${value.waitsFor})`;
  return value instanceof Float ? Number(value) : value;
}
