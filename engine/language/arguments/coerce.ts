import type { ParamProperty } from '../module_spec.ts';
import { Float, floatText, isMap, isUnknown, type Value, type ValueMap } from '../values.ts';
import { readMode } from './mode.ts';
import { splitPairs } from './pairs.ts';

/** Why a value does not fit, and the parameter to blame; an empty path blames the module as a whole. */
export interface Misfit {
  readonly path: readonly (string | number)[];
  /** Goes after the parameter's name (`expects a list, not a map`) unless it is a whole sentence. */
  readonly message: string;
  readonly whole?: boolean;
  readonly hint?: string | undefined;
}

export type Coercion =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly misfits: readonly Misfit[] };

/** Ansible's BOOLEANS_TRUE and BOOLEANS_FALSE (module_utils/parsing/convert_bool.py). */
const TRUE_WORDS = ['y', 'yes', 'on', '1', 'true', 't'];
const FALSE_WORDS = ['n', 'no', 'off', '0', 'false', 'f'];

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

/**
 * A value as the type that the schema asks for, by Ansible's rules (module_utils/common/validation.py).
 * `raw` is the scalar as written, where the value was written in place: it tells `0644` from `420`.
 */
export function coerce(value: Value, property: ParamProperty, raw?: string): Coercion {
  if (property.type === undefined || isUnknown(value)) return fits(value);
  const types = typeof property.type === 'string' ? [property.type] : property.type;
  const exact = types.find((type) => isOfType(value, type));
  if (exact !== undefined) return coerceTo(value, exact, property, raw);
  let first: Coercion | undefined;
  for (const type of types) {
    const coerced = coerceTo(value, type, property, raw);
    if (coerced.ok) return coerced;
    first ??= coerced;
  }
  if (types.length === 1 && first !== undefined) return first;
  return misfit(
    `expects ${types.map((type) => EXPECTED[type] ?? type).join(' or ')}, not ${describe(value, property)}`,
  );
}

function isOfType(value: Value, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMap(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function coerceTo(value: Value, type: string, property: ParamProperty, raw: string | undefined): Coercion {
  switch (type) {
    case 'string':
      return toText(value, property, raw);
    case 'integer':
    case 'number':
      return toNumber(value, type, property);
    case 'boolean':
      return toBoolean(value, property);
    case 'array':
      return toList(value, property);
    case 'object':
      return toMap(value, property);
    default:
      return isOfType(value, type) ? fits(value) : expected(type, value, property);
  }
}

function toText(value: Value, property: ParamProperty, raw: string | undefined): Coercion {
  if (property.format === 'mode' && !Array.isArray(value) && !isMap(value)) {
    const mode = readMode(value, raw);
    return 'mode' in mode ? fits(mode.mode) : misfit(mode.message, mode.hint);
  }
  // No path, name or argument can hold one (execve(2)); what may be a content has no type.
  if (typeof value === 'string')
    return value.includes('\0') ? misfit('expects a text without NUL characters') : fits(value);
  if (typeof value === 'number' || value instanceof Float) return numberToText(value, raw);
  if (typeof value !== 'boolean') return expected('string', value, property);
  if (property.format === 'expression') return fits(String(value));
  const choice = booleanChoice(value, property, raw);
  if (choice !== undefined) return fits(choice);
  // Ansible would write the word "True" or "False" where the user wrote yes or no.
  if (raw !== undefined && /^(?:yes|no|on|off)$/i.test(raw)) {
    return misfit(`expects a text, and \`${raw}\` without quotes is ${value} in YAML`, `Write "${raw}", in quotes.`);
  }
  return fits(value ? 'True' : 'False');
}

/** `upgrade: yes` where the choices are `dist`, `full`, `yes`, `no`: the word is meant, not the boolean. */
function booleanChoice(value: boolean, property: ParamProperty, raw: string | undefined): string | undefined {
  const choices = property.enum;
  if (choices === undefined) return undefined;
  if (raw !== undefined && choices.includes(raw)) return raw;
  const meant = (value ? TRUE_WORDS : FALSE_WORDS).filter((word) => choices.includes(word));
  return meant.length === 1 ? meant[0] : undefined;
}

/** A number where a text belongs is its text, unless YAML has lost how it was written: `1.10`, `022`, `1_000`. */
function numberToText(value: number | Float, raw: string | undefined): Coercion {
  const text = numberText(value);
  if (raw === undefined || raw === text || !/^[-+.\d][-+.\w]*$/.test(raw)) return fits(text);
  return misfit(
    `expects a text, and \`${raw}\` without quotes is the number ${text} in YAML`,
    `Write "${raw}", in quotes.`,
  );
}

/** A number as Python prints it. */
function numberText(value: number | Float): string {
  return value instanceof Float || !Number.isInteger(value) ? floatText(Number(value)) : String(value);
}

function toNumber(value: Value, type: 'integer' | 'number', property: ParamProperty): Coercion {
  const pattern = type === 'integer' ? /^[-+]?\d+$/ : /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
  const number =
    (typeof value === 'string' && pattern.test(value.trim())) || value instanceof Float ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return expected(type, value, property);
  if (type === 'integer' && !Number.isSafeInteger(number)) return expected(type, value, property);
  return fits(number);
}

function toBoolean(value: Value, property: ParamProperty): Coercion {
  if (typeof value === 'boolean') return fits(value);
  const scalar = typeof value === 'string' || typeof value === 'number' || value instanceof Float;
  const word = scalar ? String(value.valueOf()).trim().toLowerCase() : '';
  if (TRUE_WORDS.includes(word)) return fits(true);
  if (FALSE_WORDS.includes(word)) return fits(false);
  return expected('boolean', value, property);
}

function toList(value: Value, property: ParamProperty): Coercion {
  const items = Array.isArray(value) ? (value as readonly Value[]) : listOf(value, property);
  if (items === undefined) return expected('array', value, property);
  const item = property.items as ParamProperty | undefined;
  if (item === undefined) return fits(items);
  const format = property.format === 'expression' ? { ...item, format: 'expression' } : item;
  return gather(
    items.map((each, index) => [index, coerce(each, format)] as const),
    (pairs) => pairs.map(([, coerced]) => coerced),
  );
}

function listOf(value: Value, property: ParamProperty): readonly Value[] | undefined {
  if (typeof value === 'number' || value instanceof Float) return [numberText(value)];
  if (property.format === 'expression' && typeof value === 'boolean') return [value];
  if (typeof value !== 'string') return undefined;
  if (property.format === 'expression') return [value];
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function toMap(value: Value, property: ParamProperty): Coercion {
  const map = isMap(value) ? value : typeof value === 'string' ? parseMap(value) : undefined;
  if (map === undefined) return expected('object', value, property);
  const properties = property.properties as Readonly<Record<string, ParamProperty>> | undefined;
  if (properties === undefined) return fits(map);
  const names = canonicalNames(properties);
  const pairs = Object.entries(map)
    .filter(([, inner]) => inner !== null)
    .map(([key, inner]) => {
      const name = names.get(key) ?? key;
      const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return [name, schema === undefined ? fits(inner) : coerce(inner, schema)] as const;
    });
  return gather(pairs, (coerced) => Object.fromEntries([...defaultsOf(properties), ...coerced]));
}

function parseMap(text: string): ValueMap | undefined {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text) as ValueMap;
    } catch {
      return undefined;
    }
  }
  return text.includes('=') ? splitPairs(text) : undefined;
}

const namesBySchema = new WeakMap<object, ReadonlyMap<string, string>>();

/** Every name that a parameter answers to, with its own. */
export function canonicalNames(properties: Readonly<Record<string, ParamProperty>>): ReadonlyMap<string, string> {
  const known = namesBySchema.get(properties);
  if (known !== undefined) return known;
  const names = new Map<string, string>();
  namesBySchema.set(properties, names);
  for (const [name, property] of Object.entries(properties)) {
    names.set(name, name);
    for (const alias of property.aliases ?? []) names.set(alias, name);
  }
  return names;
}

export function defaultsOf(properties: Readonly<Record<string, ParamProperty>>): readonly (readonly [string, Value])[] {
  return Object.entries(properties)
    .filter(([, property]) => property.default !== undefined && property.default !== null)
    .map(([name, property]) => [name, property.default as Value] as const);
}

/** The same misfits, a step further down. */
export function below(step: string | number, misfits: readonly Misfit[]): readonly Misfit[] {
  return misfits.map((misfit) => ({ ...misfit, path: [step, ...misfit.path] }));
}

function gather<K extends string | number>(
  parts: readonly (readonly [K, Coercion])[],
  join: (pairs: readonly (readonly [K, Value])[]) => Value,
): Coercion {
  const misfits = parts.flatMap(([key, part]) => (part.ok ? [] : below(key, part.misfits)));
  if (misfits.length > 0) return { ok: false, misfits };
  return fits(join(parts.flatMap(([key, part]) => (part.ok ? [[key, part.value] as const] : []))));
}

function fits(value: Value): Coercion {
  return { ok: true, value };
}

function misfit(message: string, hint?: string): Coercion {
  return { ok: false, misfits: [{ path: [], message, hint }] };
}

function expected(type: string, value: Value, property: ParamProperty): Coercion {
  return misfit(`expects ${EXPECTED[type] ?? type}, not ${describe(value, property)}`);
}

/** A value in a message. A secret's is never told. */
export function describe(value: Value, property: ParamProperty): string {
  if (value === null) return 'nothing';
  if (isUnknown(value)) return 'a value not yet known';
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  if (property.secret === true) return `a ${typeof value === 'string' ? 'text' : typeof value}`;
  const text = String(value).replace(/\s+/g, ' ');
  return `\`${text.length > 60 ? `${text.slice(0, 57)}...` : text}\``;
}
