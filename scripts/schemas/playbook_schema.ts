import type { ModuleSpec } from '../../engine/language/module_spec.ts';
import {
  BLOCK_KEYWORDS,
  HANDLER_KEYWORDS,
  IMPORT_PLAYBOOK_KEYWORDS,
  IMPORT_TASKS,
  PLAY_KEYWORDS,
  TASK_KEYWORDS,
} from './keyword_schemas.ts';
import { type Json, moduleSchema, parametersSchema, VALUE_DEFINITIONS } from './module_schema.ts';

/** A playbook, or a file of tasks, for editors (`# yaml-language-server: $schema=...`). */
export function playbookSchema(modules: readonly ModuleSpec[]): Json {
  const list = (name: string) => ({ anyOf: [{ type: 'array', items: { $ref: `#/$defs/${name}` } }, { type: 'null' }] });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Playbook',
    description: 'Plays for runbook; a file of tasks is checked as well.',
    type: 'array',
    items: {
      type: 'object',
      if: { anyOf: [{ required: ['hosts'] }, { required: ['tasks'] }, { required: ['import_playbook'] }] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        if: { required: ['import_playbook'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { $ref: '#/$defs/import_playbook' },
        else: { $ref: '#/$defs/play' },
      },
      else: { $ref: '#/$defs/task_or_block' },
    },
    $defs: {
      ...VALUE_DEFINITIONS,
      variables: {
        type: ['object', 'null'],
        propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
      },
      play: closed(PLAY_KEYWORDS, { required: ['hosts'] }),
      import_playbook: closed(IMPORT_PLAYBOOK_KEYWORDS, { required: ['import_playbook'] }),
      tasks: list('task_or_block'),
      handlers: list('handler'),
      task_or_block: {
        type: 'object',
        if: { anyOf: ['block', 'rescue', 'always'].map((word) => ({ required: [word] })) },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { $ref: '#/$defs/block' },
        else: { $ref: '#/$defs/task' },
      },
      block: closed(BLOCK_KEYWORDS, { required: ['block'] }),
      task: closed(
        { ...TASK_KEYWORDS, ...calls(modules) },
        { patternProperties: qualified(modules), minProperties: 1 },
      ),
      handler: closed({ ...HANDLER_KEYWORDS, ...calls(modules) }, { patternProperties: qualified(modules) }),
      module_defaults: moduleDefaults(modules),
      ...Object.fromEntries(
        modules.flatMap((module) => [
          [definition(module), moduleSchema(module, `#/$defs/${parameters(module)}`)],
          [parameters(module), parametersSchema(module)],
        ]),
      ),
    },
  };
}

function closed(properties: Json, more: Json): Json {
  return { type: 'object', properties, ...more, additionalProperties: false };
}

function definition(module: ModuleSpec): string {
  return `module.${module.name}`;
}

function parameters(module: ModuleSpec): string {
  return `parameters.${module.name}`;
}

function namesOf(module: ModuleSpec): readonly string[] {
  return [module.name, ...(module.aliases ?? [])];
}

function calls(modules: readonly ModuleSpec[]): Json {
  const entries = modules.flatMap((module) =>
    namesOf(module).map((name) => [name, { description: module.summary, $ref: `#/$defs/${definition(module)}` }]),
  );
  return { ...Object.fromEntries(entries), import_tasks: IMPORT_TASKS };
}

/** Full names by pattern, so that an editor accepts them without offering each module twice. */
function qualified(modules: readonly ModuleSpec[]): Json {
  const entries = modules.map((module) => [
    pattern(module),
    { description: module.summary, $ref: `#/$defs/${definition(module)}` },
  ]);
  return { ...Object.fromEntries(entries), '^ansible\\.builtin\\.import_tasks$': IMPORT_TASKS };
}

function moduleDefaults(modules: readonly ModuleSpec[]): Json {
  const reference = (module: ModuleSpec) => ({ $ref: `#/$defs/${parameters(module)}` });
  const map = {
    type: 'object',
    properties: Object.fromEntries(modules.flatMap((each) => namesOf(each).map((name) => [name, reference(each)]))),
    patternProperties: Object.fromEntries(modules.map((each) => [pattern(each), reference(each)])),
    additionalProperties: false,
  };
  return {
    description: 'Parameters that tasks need not repeat, by module.',
    anyOf: [map, { type: 'array', items: map }],
  };
}

/** A module's full names. */
function pattern(module: ModuleSpec): string {
  return `^${module.collection.replace('.', '\\.')}\\.(${namesOf(module).join('|')})$`;
}
