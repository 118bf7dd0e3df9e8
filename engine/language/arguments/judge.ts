import { type Diagnostic, error, type Span } from '../diagnostics.ts';
import { validators as compiledValidators } from '../generated/validators.js';
import type { ModuleSpec, ParamProperty } from '../module_spec.ts';
import { nearest } from '../suggest.ts';
import { plain, type ValueMap } from '../values.ts';
import { canonicalNames, type Misfit } from './coerce.ts';
import { type Given, list, relationMisfits } from './relations.ts';
import { explainViolations, pathText, type Validator } from './violations.ts';

/** Validators by module name; `null` where the schema says nothing that coercion does not already hold. */
export type Validators = Readonly<Record<string, Validator | null>>;

export type Path = readonly (string | number)[];

/** What coerced values still do wrong, besides the misfits that are known already. */
export function judge(
  module: ModuleSpec,
  values: ValueMap,
  given: Given,
  known: readonly Misfit[],
  validators: Validators = compiledValidators,
): readonly Misfit[] {
  const misfits = [...known, ...relationMisfits(module.name, module.schema, given)];
  const wrong = new Set(misfits.map(({ path }) => path[0]));
  const sound = Object.entries(values).filter(([name]) => !wrong.has(name));
  return [...misfits, ...violations(module, Object.fromEntries(sound), validators)];
}

function violations(module: ModuleSpec, values: ValueMap, validators: Validators): readonly Misfit[] {
  const validate = Object.hasOwn(validators, module.name) ? validators[module.name] : undefined;
  if (validate === undefined || validate === null || validate(plain(values))) return [];
  return explainViolations(validate.errors ?? [], values, module.schema);
}

export function propertyOf(module: ModuleSpec, name: string): ParamProperty {
  const { properties } = module.schema;
  return (Object.hasOwn(properties, name) ? properties[name] : undefined) ?? { description: '' };
}

export function toDiagnostic(misfit: Misfit, spanOf: (path: Path) => Span): Diagnostic {
  const message = misfit.whole ? misfit.message : `\`${pathText(misfit.path)}\` ${misfit.message}`;
  return error('parameter', message, spanOf(misfit.path), misfit.hint);
}

export function unknownParameter(module: ModuleSpec, key: string, span: Span): Diagnostic {
  const names = Object.keys(module.schema.properties);
  const near = nearest(key, canonicalNames(module.schema.properties).keys());
  const all = names.length === 0 ? 'It takes none.' : `It takes ${list(names, 'and')}.`;
  const docs = `\`runbook docs ${module.name}\` lists them all.`;
  const hint = near !== undefined ? `Did you mean \`${near}\`?` : names.length <= 12 ? all : docs;
  return error('parameter', `\`${module.name}\` has no parameter \`${key}\``, span, hint);
}

/** The text that a span covers: for a scalar in a file, how it was written. */
export function rawText({ source, start, end }: Span): string {
  return source.text.slice(start, end);
}
