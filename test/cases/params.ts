import type { ModuleSpec } from '../../engine/language/module_spec.ts';
import { bindParameters } from '../../engine/language/parameters.ts';
import type { ValueMap } from '../../engine/language/values.ts';

/** Parameters as they reach a module: aliases resolved, coerced, defaults filled in, relations checked. */
export function bindParams(spec: ModuleSpec, given: Readonly<Record<string, unknown>>): ValueMap {
  const source = { path: 'a case', text: '' };
  const bound = bindParameters(spec, given as ValueMap, () => ({ source, start: 0, end: 0 }));
  if (bound.ok) return bound.value;
  throw new Error(`the case's parameters are wrong: ${bound.diagnostics.map((d) => d.message).join('; ')}`);
}
