import type { ParamProperty, ParamSchema } from '../module_spec.ts';
import { didYouMean } from '../suggest.ts';
import type { Value } from '../values.ts';
import { isMap } from '../values.ts';
import type { Misfit } from './coerce.ts';
import { describe } from './coerce.ts';
import { list } from './relations.ts';

/** What a validator compiled ahead by ajv leaves behind; only these fields of ajv's errors are read. */
export interface Violation {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A validator of one module's parameters, compiled ahead by ajv. */
export interface Validator {
  (values: unknown): boolean;
  readonly errors?: readonly Violation[] | null;
}

/** ajv's errors in the user's words. */
export function explainViolations(
  violations: readonly Violation[],
  values: Value,
  schema: ParamSchema,
): readonly Misfit[] {
  return violations.map((violation) => {
    const path = pathOf(violation.instancePath);
    const value = valueAt(values, path);
    const secret = propertyAt(schema, path.slice(0, 1))?.secret === true;
    const but = secret ? '' : `, not ${describe(value ?? null, { description: '' })}`;
    if (violation.keyword === 'additionalProperties') return unknownKey(violation, path, schema);
    return { path, ...explain(violation, value, but) };
  });
}

interface Told {
  readonly message: string;
  readonly hint?: string | undefined;
}

function explain({ keyword, params }: Violation, value: Value | undefined, but: string): Told {
  const { limit } = params;
  switch (keyword) {
    case 'enum':
      return explainEnum(params.allowedValues as readonly Value[], value, but);
    case 'const':
      return { message: `expects \`${String(params.allowedValue)}\`${but}` };
    case 'minimum':
      return { message: `expects a number of at least ${limit}${but}` };
    case 'maximum':
      return { message: `expects a number of at most ${limit}${but}` };
    case 'exclusiveMinimum':
      return { message: `expects a number above ${limit}${but}` };
    case 'exclusiveMaximum':
      return { message: `expects a number below ${limit}${but}` };
    case 'minLength':
      return { message: limit === 1 ? 'must not be empty' : `must have at least ${limit} characters` };
    case 'maxLength':
      return { message: `may have at most ${limit} characters` };
    case 'minItems':
    case 'minProperties':
      return { message: limit === 1 ? 'must not be empty' : `needs at least ${limit} entries` };
    case 'maxItems':
    case 'maxProperties':
      return { message: `may have at most ${limit} entries` };
    case 'uniqueItems':
      return { message: 'holds the same item twice' };
    case 'pattern':
      return { message: `does not have the expected form (${params.pattern})${secretless(but)}` };
    case 'required':
      return { message: `needs \`${params.missingProperty}\`` };
    default:
      return { message: `is not what is expected (${keyword})${secretless(but)}` };
  }
}

function secretless(but: string): string {
  return but.replace(', not ', ': ');
}

function unknownKey(violation: Violation, path: readonly (string | number)[], schema: ParamSchema): Misfit {
  const key = String(violation.params.additionalProperty);
  const known = Object.keys(propertyAt(schema, path)?.properties ?? {});
  const message = `\`${pathText(path)}\` has no \`${key}\``;
  const hint = didYouMean(key, known) ?? (known.length === 0 ? undefined : `It has ${list(known, 'and')}.`);
  return { path: [...path, key], message, hint, whole: true };
}

function propertyAt(schema: ParamSchema, path: readonly (string | number)[]): ParamProperty | undefined {
  let property: ParamProperty | undefined = { description: '', properties: schema.properties };
  for (const step of path) {
    const properties = property?.properties as ParamSchema['properties'] | undefined;
    if (typeof step === 'number') property = property?.items as ParamProperty | undefined;
    else property = properties !== undefined && Object.hasOwn(properties, step) ? properties[step] : undefined;
  }
  return property;
}

/** `rules[0].allow` */
export function pathText(path: readonly (string | number)[]): string {
  return path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');
}

function explainEnum(allowed: readonly Value[], value: Value | undefined, but: string): Told {
  const words = allowed.map(String);
  const hint = typeof value === 'string' && but !== '' ? didYouMean(value, words) : undefined;
  return { message: `expects ${list(words, 'or')}${but}`, hint };
}

/** A JSON Pointer (RFC 6901) as steps; numbers are indexes. */
function pathOf(pointer: string): readonly (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function valueAt(values: Value, path: readonly (string | number)[]): Value | undefined {
  let value: Value | undefined = values;
  for (const step of path) {
    if (Array.isArray(value)) value = (value as readonly Value[])[Number(step)];
    else if (isMap(value) && Object.hasOwn(value, String(step))) value = value[step];
    else return undefined;
  }
  return value;
}
