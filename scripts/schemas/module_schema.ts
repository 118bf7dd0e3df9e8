import type { ModuleSpec, ParamProperty, ParamSchema } from '../../engine/language/module_spec.ts';

export type Json = Readonly<Record<string, unknown>>;

export const TEMPLATE: Json = { $ref: '#/$defs/template' };

/** Words YAML 1.1 takes for booleans; an editor's YAML 1.2 takes them for texts. */
const BOOLEAN_WORDS = ['yes', 'no', 'on', 'off', 'true', 'false', 'Yes', 'No', 'True', 'False'];

/** What values of common types may look like in a file: coerced ones and templates included. */
export const VALUE_DEFINITIONS: Json = {
  template: { type: 'string', pattern: '\\{\\{|\\{%', description: 'A template that gives the value.' },
  boolean: { anyOf: [{ type: 'boolean' }, { enum: BOOLEAN_WORDS }, TEMPLATE] },
  texts: { type: ['array', 'string', 'number'], items: { type: ['string', 'number'] } },
};

/** A module's parameters, none of which has to be there: what `module_defaults` may hold. */
export function parametersSchema({ schema }: ModuleSpec): Json {
  return { type: 'object', ...properties(schema) };
}

/** A module's arguments: its parameters, or text where that is allowed. `parameters` is where they are defined. */
export function moduleSchema(module: ModuleSpec, parameters: string): Json {
  const { schema, summary, freeForm } = module;
  const relations = relationsOf(schema);
  const text =
    freeForm === undefined
      ? { pattern: '=', description: 'Parameters as `name=value`.' }
      : { description: `The \`${freeForm}\`, and further parameters as \`name=value\`.` };
  return {
    title: module.name,
    description: [summary, ...(module.description ?? [])].join('\n\n'),
    anyOf: [
      { $ref: parameters, ...(relations.length === 0 ? {} : { allOf: relations }) },
      { type: 'string', ...text },
      ...(relations.some((relation) => !('not' in relation)) ? [] : [{ type: 'null' }]),
    ],
  };
}

function properties(schema: ParamSchema): Json {
  const all = Object.entries(schema.properties).flatMap(([name, property]) => [
    [name, propertySchema(property)] as const,
    ...(property.aliases ?? []).map(
      (alias) => [alias, { ...propertySchema(property), description: `The same as \`${name}\`.` }] as const,
    ),
  ]);
  return { properties: Object.fromEntries(all), additionalProperties: schema.additionalProperties };
}

/** At least one name of a parameter is there. */
function given(schema: ParamSchema, name: string): Json {
  const aliases = (Object.hasOwn(schema.properties, name) ? schema.properties[name]?.aliases : undefined) ?? [];
  if (aliases.length === 0) return { required: [name] };
  return { anyOf: [name, ...aliases].map((each) => ({ required: [each] })) };
}

function relationsOf(schema: ParamSchema): readonly Json[] {
  const all = (names: readonly string[]) => names.map((name) => given(schema, name));
  return [
    ...all(schema.required ?? []),
    ...(schema.mutuallyExclusive ?? []).flatMap((names) => pairs(names).map((pair) => ({ not: { allOf: all(pair) } }))),
    ...(schema.requiredOneOf ?? []).map((names) => ({ anyOf: all(names) })),
    ...(schema.requiredTogether ?? []).map((names) => ({
      anyOf: [{ allOf: all(names) }, { not: { anyOf: all(names) } }],
    })),
    ...(schema.requiredIf ?? []).map(({ param, value, requires }) => {
      const isDefault = schema.properties[param]?.default === value;
      const holds = { properties: { [param]: { const: value } } };
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      return { if: isDefault ? holds : { ...holds, required: [param] }, then: { allOf: all(requires) } };
    }),
  ];
}

function pairs(names: readonly string[]): readonly (readonly [string, string])[] {
  return names.flatMap((first, index) => names.slice(index + 1).map((second) => [first, second] as const));
}

/** The value of a parameter as it may be written: coerced values and templates included. */
function propertySchema(property: ParamProperty): Json {
  const { description, default: fallback, type } = property;
  const notes = { description, ...(fallback === undefined ? {} : { default: fallback }) };
  if (type === undefined) return notes;
  const types = typeof type === 'string' ? [type] : type;
  const [only] = types.length === 1 ? types.flatMap((each) => formsOf(each, property)) : [];
  if (only !== undefined && (only.$ref !== undefined || isAnyText(only))) return { ...notes, ...only };
  const forms = types.flatMap((each) => formsOf(each, property));
  return { ...notes, anyOf: forms.some(isAnyText) ? forms : [...forms, TEMPLATE] };
}

/** A form that takes any text takes a template too. */
function isAnyText(form: Json): boolean {
  return Array.isArray(form.type) && form.type.includes('string');
}

function formsOf(type: string, property: ParamProperty): readonly Json[] {
  switch (type) {
    case 'string':
      return textForms(property);
    case 'boolean':
      return [{ $ref: '#/$defs/boolean' }];
    case 'integer':
      return [
        { type, ...keep(property, NUMERIC) },
        { type: 'string', pattern: '^[-+]?[0-9]+$' },
      ];
    case 'number':
      return [
        { type, ...keep(property, NUMERIC) },
        { type: 'string', pattern: '^[-+]?[0-9.]+$' },
      ];
    case 'array':
      return arrayForms(property);
    case 'object':
      return [objectForm(property)];
    default:
      return [{ type }];
  }
}

const NUMERIC = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'enum'];

function textForms(property: ParamProperty): readonly Json[] {
  if (property.format === 'mode') {
    const symbolic = '[ugoa]*([-+=][rwxXstugo]*)+';
    return [{ type: 'string', pattern: `^((0o)?[0-7]{1,5}|${symbolic}(,${symbolic})*|preserve)$` }];
  }
  if (property.enum !== undefined) {
    const words = property.enum.some((word) => BOOLEAN_WORDS.includes(String(word))) ? [{ type: 'boolean' }] : [];
    return [{ enum: property.enum }, ...words];
  }
  const types = property.format === 'expression' ? ['string', 'number', 'boolean'] : ['string', 'number'];
  const { pattern, ...limits } = keep(property, ['pattern', 'minLength', 'maxLength']);
  if (pattern === undefined) return [{ type: types, ...limits }];
  return [{ type: 'string', pattern, ...limits }];
}

function arrayForms(property: ParamProperty): readonly Json[] {
  const inner = property.items as ParamProperty | undefined;
  const limits = keep(property, ['minItems', 'maxItems', 'uniqueItems']);
  const isPlain = inner?.type === 'string' && inner.enum === undefined && inner.pattern === undefined;
  if (isPlain) return [{ $ref: '#/$defs/texts', ...limits }];
  const items =
    inner === undefined ? {} : { items: propertySchema({ ...inner, description: inner.description ?? '' }) };
  return [{ type: ['array', 'string', 'number'], ...items, ...limits }];
}

function objectForm(property: ParamProperty): Json {
  const inner = property.properties as ParamSchema['properties'] | undefined;
  if (inner === undefined) return { type: 'object' };
  const schema: ParamSchema = {
    type: 'object',
    properties: inner,
    required: (property.required as readonly string[] | undefined) ?? [],
    additionalProperties: property.additionalProperties !== false,
  };
  return { type: 'object', ...properties(schema), allOf: relationsOf(schema) };
}

function keep(property: ParamProperty, keywords: readonly string[]): Json {
  return Object.fromEntries(keywords.flatMap((word) => (property[word] === undefined ? [] : [[word, property[word]]])));
}
