import { type Diagnostic, error, type Result, type Span } from '../language/diagnostics.ts';
import { Float, isUnknown, type Value } from '../language/values.ts';
import type { Host } from './inventory.ts';

/** Looks a variable up with all that counts for the host; `undefined`: not defined. */
export type LookUp = (name: string) => Result<Value> | undefined;

/**
 * Reads connection variables in the types they must have. Each reader takes the names that mean the same, the later
 * winning, as Ansible's connection plugins do; null and the empty text count as not set. What is wrong goes to
 * `diagnostics`, without the value: it may be a password.
 */
export interface ConnectionVariables {
  readonly diagnostics: Diagnostic[];
  text(...names: readonly string[]): Found<string> | undefined;
  flag(...names: readonly string[]): boolean | undefined;
  integer(least: number, most: number, ...names: readonly string[]): number | undefined;
}

export interface Found<T> {
  readonly value: T;
  readonly name: string;
  /** Where the inventory sets it; undefined where it came from elsewhere. */
  readonly span: Span | undefined;
}

export function readConnectionVariables(host: Host, lookUp: LookUp): ConnectionVariables {
  const diagnostics: Diagnostic[] = [];

  function find(names: readonly string[]): Found<Value> | undefined {
    for (const name of [...names].reverse()) {
      const result = lookUp(name);
      if (result === undefined) continue;
      if (!result.ok) {
        diagnostics.push(...result.diagnostics);
        return undefined;
      }
      const { value } = result;
      if (value !== null && value !== '') return { value, name, span: placeOf(host, name, value) };
    }
    return undefined;
  }

  function refuse(found: Found<Value>, expected: string): undefined {
    const { value, name, span } = found;
    const message = isUnknown(value)
      ? `\`${name}\` of ${host.name} must be known before the host is reached, and hangs on ${value.waitsFor}`
      : `\`${name}\` of ${host.name} must be ${expected}`;
    diagnostics.push(error('inventory', message, span));
    return undefined;
  }

  return {
    diagnostics,
    text(...names) {
      const found = find(names);
      if (found === undefined) return undefined;
      const { value } = found;
      if (typeof value === 'string' && value.includes('\0')) return refuse(found, 'a text without NUL characters');
      if (typeof value === 'string' || typeof value === 'number' || value instanceof Float)
        return { ...found, value: String(value) };
      return refuse(found, 'a text');
    },
    flag(...names) {
      const found = find(names);
      if (found === undefined) return undefined;
      return readFlag(found.value) ?? refuse(found, '`true` or `false`');
    },
    integer(least, most, ...names) {
      const found = find(names);
      if (found === undefined) return undefined;
      const { value } = found;
      const number =
        typeof value === 'number' || (typeof value === 'string' && /^ *[0-9]+ *$/.test(value)) ? Number(value) : -1;
      if (Number.isSafeInteger(number) && number >= least && number <= most) return number;
      return refuse(found, `a whole number from ${least} to ${most}`);
    },
  };
}

/** Ansible's `boolean`. */
function readFlag(value: Value): boolean | undefined {
  const text = String(value).toLowerCase().trim();
  if (/^(?:y|yes|on|1|true|t|1\.0)$/.test(text)) return true;
  return /^(?:n|no|off|0|false|f|0\.0)$/.test(text) ? false : undefined;
}

/** The place where the inventory gives a variable this value, if the value comes from there. */
export function placeOf(host: Host, name: string, value: Value): Span | undefined {
  for (const layer of [...host.layers].reverse()) {
    const node = layer.entries.get(name);
    if (node !== undefined) return node.kind !== 'literal' || node.value === value ? node.span : undefined;
  }
  return undefined;
}
