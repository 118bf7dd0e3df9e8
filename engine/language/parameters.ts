import { canonicalNames, coerce, defaultsOf, type Misfit } from './arguments/coerce.ts';
import { type Given, list, type Presence, relationMisfits } from './arguments/relations.ts';
import { checkShape } from './arguments/shape.ts';
import { explainViolations, pathText, type Validator } from './arguments/violations.ts';
import { type Diagnostic, error, fail, ok, type Result, type Span } from './diagnostics.ts';
import { isOmit } from './expressions/omit.ts';
import { validators as compiledValidators } from './generated/validators.js';
import type { ModuleSpec, ParamProperty } from './module_spec.ts';
import { nearest } from './suggest.ts';
import type { Templated, TemplatedEntry } from './templated.ts';
import { findUnknown, isMap, plain, type Value, type ValueMap } from './values.ts';

/** Validators by module name; `null` where the schema says nothing that coercion does not already hold. */
export type Validators = Readonly<Record<string, Validator | null>>;

export interface ParameterOptions {
  /** Default: those compiled ahead from the module registry. */
  readonly validators?: Validators;
  /** Parameters that `module_defaults` may give: not missing even where the task does not have them. */
  readonly fromDefaults?: ReadonlySet<string>;
  /** More may come from elsewhere: nothing can be missing. */
  readonly partial?: boolean;
  /** The place of a value deep in a literal, where it is known. */
  locate?(path: readonly (string | number)[]): Span | undefined;
}

export type TemplatedMap = Extract<Templated, { kind: 'map' }>;

/** What is wrong with a task's arguments as far as it can be told before templates are rendered. */
export function checkArguments(
  module: ModuleSpec,
  args: TemplatedMap,
  moduleSpan: Span,
  options: ParameterOptions = {},
): readonly Diagnostic[] {
  return prepareArguments(module, args, moduleSpan, options).diagnostics;
}

/**
 * The arguments with aliases resolved and literals coerced, while it is still known how they were written:
 * `mode: 0644` and `line: 1.0` become the texts that were meant.
 */
export function prepareArguments(
  module: ModuleSpec,
  args: TemplatedMap,
  moduleSpan: Span,
  options: ParameterOptions = {},
): { readonly args: TemplatedMap; readonly diagnostics: readonly Diagnostic[] } {
  const { schema } = module;
  const diagnostics: Diagnostic[] = [];
  const misfits: Misfit[] = [];
  const names = canonicalNames(schema.properties);
  const entries = new Map<string, TemplatedEntry>();
  const values: Record<string, Value> = {};
  for (const entry of args.entries) {
    const name = names.get(entry.key);
    if (name === undefined) {
      if (!schema.additionalProperties) diagnostics.push(unknownParameter(module, entry.key, entry.keySpan));
      entries.set(entry.key, entry);
    } else if (entries.has(name)) {
      diagnostics.push(givenTwice(name, entry));
    } else {
      const property = propertyOf(module, name);
      const prepared = prepare(entry, name, property, misfits);
      if (isEmpty(prepared.value) && !schema.required?.includes(name)) continue;
      entries.set(name, prepared);
      if (prepared.value.kind === 'literal') values[name] = prepared.value.value;
    }
  }
  const given: Given = {
    presence: (name) => presenceOf(entries.get(name)?.value, name, options),
    value: (name) => (entries.has(name) ? values[name] : (propertyOf(module, name).default as Value | undefined)),
  };
  misfits.push(...relationMisfits(module.name, schema, given));
  const wrong = new Set(misfits.map(({ path }) => path[0]));
  const sound = Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !wrong.has(name) && value !== null),
  );
  misfits.push(...violationsOf(module, sound, options));
  const spanOf = (path: readonly (string | number)[]) => options.locate?.(path) ?? spanIn(entries, path) ?? moduleSpan;
  diagnostics.push(...misfits.map((misfit) => toDiagnostic(misfit, spanOf)));
  return { args: { ...args, entries: [...entries.values()] }, diagnostics };
}

function prepare(entry: TemplatedEntry, name: string, property: ParamProperty, misfits: Misfit[]): TemplatedEntry {
  const { value } = entry;
  if (value.kind !== 'literal') {
    misfits.push(...checkShape(value, property).map((misfit) => ({ ...misfit, path: [name, ...misfit.path] })));
    return { ...entry, key: name };
  }
  if (value.value === null) {
    // Reported only where it is kept, that is, where it is required.
    return { ...entry, key: name };
  }
  const coerced = coerce(value.value, property, rawText(value.span));
  if (coerced.ok) return { ...entry, key: name, value: { ...value, value: coerced.value } };
  misfits.push(...coerced.misfits.map((misfit) => ({ ...misfit, path: [name, ...misfit.path] })));
  return { ...entry, key: name };
}

function isEmpty(value: Templated): boolean {
  return value.kind === 'literal' && value.value === null;
}

function presenceOf(value: Templated | undefined, name: string, options: ParameterOptions): Presence {
  if (value === undefined) return options.partial || options.fromDefaults?.has(name) ? 'maybe' : 'absent';
  if (value.kind === 'template') return 'maybe';
  return isEmpty(value) ? 'absent' : 'given';
}

/**
 * Rendered arguments as the module gets them: aliases resolved, defaults filled in, coerced by Ansible's rules,
 * validated. A parameter that is `omit` or `null` counts as not given; one that holds an Unknown passes as it is.
 * `spanOf` gives the place of a parameter by its canonical name, as deep as it is known; of `[]`, the module's.
 */
export function bindParameters(
  module: ModuleSpec,
  args: ValueMap,
  spanOf: (path: readonly (string | number)[]) => Span,
  options: ParameterOptions = {},
): Result<ValueMap> {
  const { schema } = module;
  const diagnostics: Diagnostic[] = [];
  const misfits: Misfit[] = [];
  const names = canonicalNames(schema.properties);
  const values: Record<string, Value> = Object.fromEntries(defaultsOf(schema.properties));
  const given = new Set<string>();
  const unknown = new Set<string>();
  for (const [key, written] of Object.entries(args)) {
    const name = names.get(key);
    if (isOmit(written)) continue;
    const value = withoutOmit(written);
    if (name === undefined) {
      if (!schema.additionalProperties) diagnostics.push(unknownParameter(module, key, spanOf([key])));
      define(values, key, value);
      continue;
    }
    if (value === null) continue;
    given.add(name);
    if (findUnknown(value) !== undefined) unknown.add(name);
    const coerced = unknown.has(name)
      ? { ok: true as const, value }
      : coerce(value, propertyOf(module, name), rawText(spanOf([name])));
    if (coerced.ok) define(values, name, coerced.value);
    else misfits.push(...coerced.misfits.map((misfit) => ({ ...misfit, path: [name, ...misfit.path] })));
  }
  misfits.push(
    ...relationMisfits(module.name, schema, {
      presence: (name) => (unknown.has(name) ? 'maybe' : given.has(name) ? 'given' : 'absent'),
      value: (name) => (unknown.has(name) || !Object.hasOwn(values, name) ? undefined : values[name]),
    }),
  );
  const wrong = new Set(misfits.map(({ path }) => path[0]));
  const known = Object.entries(values).filter(([name]) => !unknown.has(name) && !wrong.has(name));
  misfits.push(...violationsOf(module, Object.fromEntries(known), options));
  diagnostics.push(...misfits.map((misfit) => toDiagnostic(misfit, spanOf)));
  return diagnostics.length > 0 ? fail(...diagnostics) : ok(values);
}

/** Own properties only: a variable may well be called `__proto__`. */
function define(values: Record<string, Value>, name: string, value: Value): void {
  Object.defineProperty(values, name, { value, enumerable: true, writable: true, configurable: true });
}

/** Ansible's `remove_omit`: the placeholder goes from lists and maps as well. */
function withoutOmit(value: Value): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).filter((item) => !isOmit(item)).map(withoutOmit);
  if (!isMap(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => !isOmit(inner));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutOmit(inner)]));
}

function violationsOf(module: ModuleSpec, values: ValueMap, options: ParameterOptions): readonly Misfit[] {
  const validators = options.validators ?? compiledValidators;
  const validate = Object.hasOwn(validators, module.name) ? validators[module.name] : undefined;
  if (validate === undefined || validate === null || validate(plain(values))) return [];
  return explainViolations(validate.errors ?? [], values, module.schema);
}

function unknownParameter(module: ModuleSpec, key: string, span: Span): Diagnostic {
  const names = Object.keys(module.schema.properties);
  const near = nearest(key, canonicalNames(module.schema.properties).keys());
  const all = names.length === 0 ? 'It takes none.' : `It takes ${list(names.slice(0, 12), 'and')}.`;
  const hint = near !== undefined ? `Did you mean \`${near}\`?` : names.length <= 12 ? all : docsHint(module);
  return error('parameter', `\`${module.name}\` has no parameter \`${key}\``, span, hint);
}

function docsHint(module: ModuleSpec): string {
  return `\`runbook docs ${module.name}\` lists them all.`;
}

function givenTwice(name: string, entry: TemplatedEntry): Diagnostic {
  return entry.key === name
    ? error('parameter', `\`${name}\` is given twice`, entry.keySpan)
    : error('parameter', `\`${entry.key}\` is another name of \`${name}\`, which is given too`, entry.keySpan);
}

function propertyOf(module: ModuleSpec, name: string): ParamProperty {
  const { properties } = module.schema;
  return (Object.hasOwn(properties, name) ? properties[name] : undefined) ?? { description: '' };
}

function toDiagnostic(misfit: Misfit, spanOf: (path: readonly (string | number)[]) => Span): Diagnostic {
  const message = misfit.whole ? misfit.message : `\`${pathText(misfit.path)}\` ${misfit.message}`;
  return error('parameter', message, spanOf(misfit.path), misfit.hint);
}

function spanIn(entries: ReadonlyMap<string, TemplatedEntry>, path: readonly (string | number)[]): Span | undefined {
  let node = entries.get(String(path[0]))?.value;
  let span = node?.span;
  for (const step of path.slice(1)) {
    if (node?.kind === 'map') node = node.entries.find(({ key }) => key === step)?.value;
    else if (node?.kind === 'list') node = node.items[Number(step)];
    else break;
    span = node?.span ?? span;
  }
  return span;
}

function rawText(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}
