import type { ModuleSpec } from '../../engine/language/module_spec.ts';

/** Aliases resolved and defaults filled in, as parameters reach a module. */
export function bindParams(spec: ModuleSpec, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const bound: Record<string, unknown> = {};
  const { properties } = spec.schema;
  for (const [written, value] of Object.entries(given)) {
    const name = Object.keys(properties).find((n) => n === written || properties[n]?.aliases?.includes(written));
    if (name === undefined && !spec.schema.additionalProperties) {
      throw new Error(`the case names a parameter that ${spec.name} does not have: ${written}`);
    }
    bound[name ?? written] = value;
  }
  for (const [name, property] of Object.entries(properties)) {
    if (!(name in bound) && property.default !== undefined) bound[name] = property.default;
  }
  return bound;
}
