import type { Value } from '../language/values.ts';

/** What a host says in JSON; `undefined`: it is none. */
export function readJson(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}
