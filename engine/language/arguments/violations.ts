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
  secret: (parameter: string) => boolean,
): readonly Misfit[] {
  return violations.map((violation) => {
    const path = pathOf(violation.instancePath);
    const value = valueAt(values, path);
    const shown = describe(value ?? null, { description: '', secret: secret(String(path[0] ?? '')) });
    const told = explain(violation, value, shown);
    return { path, message: told.message, hint: told.hint };
  });
}

interface Told {
  readonly message: string;
  readonly hint?: string | undefined;
}

function explain({ keyword, params }: Violation, value: Value | undefined, shown: string): Told {
  switch (keyword) {
    case 'enum':
      return explainEnum(params.allowedValues as readonly Value[], value, shown);
    case 'const':
      return { message: `expects \`${String(params.allowedValue)}\`, not ${shown}` };
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return { message: `expects a number ${params.comparison} ${params.limit}, not ${shown}` };
    case 'minLength':
      return params.limit === 1 ? { message: 'must not be empty' } : { message: `is too short: ${shown}` };
    case 'maxLength':
      return { message: `may have at most ${params.limit} characters` };
    case 'minItems':
    case 'minProperties':
      return { message: params.limit === 1 ? 'must not be empty' : `needs at least ${params.limit} entries` };
    case 'maxItems':
    case 'maxProperties':
      return { message: `may have at most ${params.limit} entries` };
    case 'uniqueItems':
      return { message: 'holds the same item twice' };
    case 'pattern':
      return { message: `does not have the expected form (${params.pattern}): ${shown}` };
    case 'required':
      return { message: `needs \`${params.missingProperty}\`` };
    case 'additionalProperties':
      return { message: `has no \`${params.additionalProperty}\`` };
    case 'type':
      return { message: `expects ${String(params.type)}, not ${shown}` };
    default:
      return { message: `is not what is expected (${keyword}): ${shown}` };
  }
}

function explainEnum(allowed: readonly Value[], value: Value | undefined, shown: string): Told {
  const words = allowed.map(String);
  const hint = typeof value === 'string' && !shown.startsWith('a ') ? didYouMean(value, words) : undefined;
  return { message: `expects ${list(words, 'or')}, not ${shown}`, hint };
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
