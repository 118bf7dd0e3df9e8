import { below, canonicalNames, coerce, defaultsOf, type Misfit } from './arguments/coerce.ts';
import {
  judge,
  type Path,
  propertyOf,
  rawText,
  toDiagnostic,
  unknownParameter,
  type Validators,
} from './arguments/judge.ts';
import type { Given } from './arguments/relations.ts';
import { type Diagnostic, fail, ok, type Result, type Span } from './diagnostics.ts';
import { isOmit } from './expressions/omit.ts';
import type { ModuleSpec } from './module_spec.ts';
import { findUnknown, isMap, type Value, type ValueMap } from './values.ts';

/**
 * Rendered arguments as the module gets them: aliases resolved, defaults filled in, coerced by Ansible's rules,
 * validated. A parameter that is `omit` or `null` counts as not given; one that holds an Unknown passes as it is.
 * `spanOf` gives the place of a parameter by its canonical name, as deep as it is known; of `[]`, the module's.
 * Messages may tell values: keep them from the screen where the task has `no_log`.
 */
export function bindParameters(
  module: ModuleSpec,
  args: ValueMap,
  spanOf: (path: Path) => Span,
  validators?: Validators,
): Result<ValueMap> {
  const diagnostics: Diagnostic[] = [];
  const misfits: Misfit[] = [];
  const values: Record<string, Value> = Object.fromEntries(defaultsOf(module.schema.properties));
  const given = new Set<string>();
  const unknown = new Set<string>();
  const names = canonicalNames(module.schema.properties);
  for (const [key, written] of Object.entries(args)) {
    if (isOmit(written)) continue;
    const value = withoutOmit(written);
    const name = names.get(key);
    if (name === undefined) {
      if (!module.schema.additionalProperties) diagnostics.push(unknownParameter(module, key, spanOf([key])));
      define(values, key, value);
    } else if (value !== null) {
      given.add(name);
      if (findUnknown(value) !== undefined) {
        unknown.add(name);
        define(values, name, value);
        continue;
      }
      const coerced = coerce(value, propertyOf(module, name), rawText(spanOf([name])));
      if (coerced.ok) define(values, name, coerced.value);
      else misfits.push(...below(name, coerced.misfits));
    }
  }
  const known = Object.fromEntries(Object.entries(values).filter(([name]) => !unknown.has(name)));
  const presence: Given = {
    presence: (name) => (unknown.has(name) ? 'maybe' : given.has(name) ? 'given' : 'absent'),
    value: (name) => (Object.hasOwn(known, name) ? known[name] : undefined),
  };
  const all = judge(module, known, presence, misfits, validators);
  diagnostics.push(...all.map((misfit) => toDiagnostic(misfit, spanOf)));
  return diagnostics.length > 0 ? fail(...diagnostics) : ok(values);
}

/** Own properties only: a variable may well be called `__proto__`. */
function define(values: Record<string, Value>, name: string, value: Value): void {
  Object.defineProperty(values, name, { value, enumerable: true, writable: true, configurable: true });
}

/** Ansible's `remove_omit`: the placeholder goes from lists and maps as well. What holds none stays the same object. */
function withoutOmit(value: Value): Value {
  if (!holdsOmit(value)) return value;
  if (Array.isArray(value)) return (value as readonly Value[]).filter((item) => !isOmit(item)).map(withoutOmit);
  const kept = Object.entries(value as ValueMap).filter(([, inner]) => !isOmit(inner));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutOmit(inner)]));
}

function holdsOmit(value: Value): boolean {
  if (isOmit(value)) return true;
  if (Array.isArray(value)) return (value as readonly Value[]).some(holdsOmit);
  return isMap(value) && Object.values(value).some(holdsOmit);
}
