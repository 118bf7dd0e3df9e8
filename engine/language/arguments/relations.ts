import type { ParamProperty, ParamSchema } from '../module_spec.ts';
import type { Value } from '../values.ts';
import type { Misfit } from './coerce.ts';

/** What is known of a parameter: `maybe` where a template or an unknown value decides. */
export type Presence = 'given' | 'maybe' | 'absent';

export interface Given {
  presence(name: string): Presence;
  /** `undefined`: not known, or not given and without a default. */
  value(name: string): Value | undefined;
}

/** What is missing or contradicts itself among a module's parameters. Paths name the parameter to blame. */
export function relationMisfits(module: string, schema: ParamSchema, given: Given): readonly Misfit[] {
  const misfits: readonly Misfit[] = [
    ...missing(module, schema, given),
    ...exclusive(schema, given),
    ...oneOf(module, schema, given),
    ...together(schema, given),
    ...conditional(module, schema, given),
  ];
  return misfits.map((misfit) => ({ ...misfit, whole: true }));
}

function missing(module: string, schema: ParamSchema, given: Given): readonly Misfit[] {
  return (schema.required ?? [])
    .filter((name) => given.presence(name) === 'absent')
    .map((name) => ({ path: [], message: `\`${module}\` needs \`${name}\``, hint: meaning(schema, name) }));
}

function exclusive(schema: ParamSchema, given: Given): readonly Misfit[] {
  return (schema.mutuallyExclusive ?? []).flatMap((names) => {
    const present = names.filter((name) => given.presence(name) === 'given');
    if (present.length < 2) return [];
    const message =
      present.length === 2
        ? `give either ${list(present, 'or')}, not both`
        : `give only one of ${list(present, 'and')}`;
    return [{ path: [present.at(-1) ?? ''], message }];
  });
}

function oneOf(module: string, schema: ParamSchema, given: Given): readonly Misfit[] {
  return (schema.requiredOneOf ?? [])
    .filter((names) => names.every((name) => given.presence(name) === 'absent'))
    .map((names) => ({ path: [], message: `\`${module}\` needs ${list(names, 'or')}` }));
}

function together(schema: ParamSchema, given: Given): readonly Misfit[] {
  return (schema.requiredTogether ?? []).flatMap((names) => {
    const present = names.find((name) => given.presence(name) === 'given');
    const absent = names.filter((name) => given.presence(name) === 'absent');
    if (present === undefined || absent.length === 0) return [];
    return [{ path: [present], message: `\`${present}\` also needs ${list(absent, 'and')}` }];
  });
}

function conditional(module: string, schema: ParamSchema, given: Given): readonly Misfit[] {
  return (schema.requiredIf ?? []).flatMap(({ param, value, requires }) => {
    if (given.value(param) !== value) return [];
    const absent = requires.filter((name) => given.presence(name) === 'absent');
    if (absent.length === 0) return [];
    const where = `\`${param}\` is \`${value}\``;
    const hint = absent.length === 1 ? meaning(schema, absent[0] ?? '') : undefined;
    return [{ path: [], message: `\`${module}\` needs ${list(absent, 'and')} where ${where}`, hint }];
  });
}

/** The first sentence of a parameter's description. */
function meaning(schema: ParamSchema, name: string): string | undefined {
  const property: ParamProperty | undefined = Object.hasOwn(schema.properties, name)
    ? schema.properties[name]
    : undefined;
  const sentence = property === undefined ? undefined : /^.*?(?:\.(?=\s|$)|$)/s.exec(property.description)?.[0];
  return sentence === undefined ? undefined : `\`${name}\`: ${sentence}`;
}

export function list(names: readonly string[], word: 'or' | 'and'): string {
  const quoted = names.map((name) => `\`${name}\``);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} ${word} ${last}`;
}
