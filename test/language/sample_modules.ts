import type { Validators } from '../../engine/language/arguments/judge.ts';
import type { ModuleSpec, ModuleTable } from '../../engine/language/module_spec.ts';
import { validatorsModule } from '../../scripts/schemas/validators.ts';

/** Modules that have every kind of parameter, so that the language's tests do not hang on the real ones. */
export const SAMPLES: readonly ModuleSpec[] = [
  {
    name: 'copy',
    collection: 'ansible.builtin',
    summary: 'Writes a file',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['dest'],
      mutuallyExclusive: [['src', 'content']],
      requiredOneOf: [['src', 'content']],
      properties: {
        dest: { type: 'string', format: 'path', description: 'Where it goes. More words.' },
        src: { type: 'string', description: 'File on this machine.' },
        content: { type: 'string', description: 'What is in it.' },
        mode: { type: 'string', format: 'mode', description: 'Its mode.' },
        owner: { type: 'string', description: 'Its owner.' },
        backup: { type: 'boolean', default: false, description: 'Keep the old one.' },
      },
    },
  },
  {
    name: 'file',
    collection: 'ansible.builtin',
    summary: 'Manages files',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['path'],
      requiredIf: [{ param: 'state', value: 'link', requires: ['src'] }],
      requiredTogether: [['access_time', 'modification_time']],
      properties: {
        path: { type: 'string', format: 'path', aliases: ['dest', 'name'], description: 'The file.' },
        state: {
          type: 'string',
          enum: ['absent', 'directory', 'file', 'link', 'touch'],
          default: 'file',
          description: 'What it is to be.',
        },
        src: { type: 'string', description: 'What a link points to.' },
        mode: { type: 'string', format: 'mode', description: 'Its mode.' },
        recurse: { type: 'boolean', default: false, description: 'All below it too.' },
        access_time: { type: 'string', description: 'When it was read.' },
        modification_time: { type: 'string', description: 'When it was written.' },
      },
    },
  },
  {
    name: 'command',
    collection: 'ansible.builtin',
    summary: 'Runs a command',
    freeForm: 'cmd',
    schema: {
      type: 'object',
      additionalProperties: false,
      requiredOneOf: [['cmd', 'argv']],
      mutuallyExclusive: [['cmd', 'argv']],
      properties: {
        cmd: { type: 'string', description: 'The command.' },
        argv: { type: 'array', items: { type: 'string' }, minItems: 1, description: 'The command as a list.' },
        chdir: { type: 'string', format: 'path', description: 'Where to run it.' },
        creates: { type: 'string', format: 'path', description: 'Not where this exists.' },
      },
    },
  },
  {
    name: 'shell',
    collection: 'ansible.builtin',
    summary: 'Runs a shell script',
    freeForm: 'cmd',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['cmd'],
      properties: {
        cmd: { type: 'string', description: 'The script.' },
        chdir: { type: 'string', format: 'path', description: 'Where to run it.' },
        creates: { type: 'string', format: 'path', description: 'Not where this exists.' },
        executable: { type: 'string', description: 'The shell.' },
      },
    },
  },
  {
    name: 'apt',
    collection: 'ansible.builtin',
    summary: 'Manages packages',
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        name: { type: 'array', items: { type: 'string' }, aliases: ['pkg', 'package'], description: 'Packages.' },
        state: { type: 'string', enum: ['absent', 'latest', 'present'], default: 'present', description: 'Whether.' },
        upgrade: { type: 'string', enum: ['dist', 'full', 'no', 'safe', 'yes'], default: 'no', description: 'All.' },
        cache_valid_time: { type: 'integer', minimum: 0, default: 0, description: 'Seconds.' },
        update_cache: { type: 'boolean', description: 'Look for news.' },
      },
    },
  },
  {
    name: 'systemd_service',
    collection: 'ansible.builtin',
    aliases: ['systemd'],
    summary: 'Manages units',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: { type: 'string', description: 'The unit.' },
        state: { type: 'string', enum: ['started', 'stopped', 'restarted', 'reloaded'], description: 'Its state.' },
        enabled: { type: 'boolean', description: 'At boot.' },
      },
    },
  },
  {
    name: 'debug',
    collection: 'ansible.builtin',
    summary: 'Prints',
    schema: {
      type: 'object',
      additionalProperties: false,
      mutuallyExclusive: [['msg', 'var']],
      properties: {
        msg: { description: 'Anything.' },
        var: { type: 'string', format: 'expression', description: 'An expression.' },
      },
    },
  },
  {
    name: 'assert',
    collection: 'ansible.builtin',
    summary: 'Checks',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['that'],
      properties: {
        that: { type: 'array', items: { type: 'string' }, format: 'expression', minItems: 1, description: 'What.' },
      },
    },
  },
  {
    name: 'set_fact',
    collection: 'ansible.builtin',
    summary: 'Sets variables',
    schema: {
      type: 'object',
      additionalProperties: true,
      properties: { cacheable: { type: 'boolean', default: false, description: 'Ignored.' } },
    },
  },
  {
    name: 'meta',
    collection: 'ansible.builtin',
    summary: 'Steers',
    freeForm: 'free_form',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['free_form'],
      properties: { free_form: { type: 'string', enum: ['flush_handlers', 'noop'], description: 'What to do.' } },
    },
  },
  {
    name: 'include_tasks',
    collection: 'ansible.builtin',
    summary: 'Includes tasks',
    freeForm: 'file',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['file'],
      properties: { file: { type: 'string', description: 'The file.' } },
    },
  },
  {
    name: 'login',
    collection: 'runbook',
    summary: 'Has what the others have not',
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        password: { type: 'string', secret: true, minLength: 8, description: 'Secret.' },
        port: { type: 'integer', minimum: 1, maximum: 65535, secret: true, description: 'A secret number.' },
        umask: { type: 'string', pattern: '^[0-7]{3,4}$', description: 'Octal.' },
        weight: { type: 'number', description: 'A number.' },
        limits: {
          type: 'object',
          additionalProperties: false,
          required: ['soft'],
          properties: {
            soft: { type: 'integer', description: 'Soft limit.' },
            hard: { type: 'integer', default: 10, aliases: ['max'], description: 'Hard limit.' },
          },
          description: 'Limits.',
        },
        rules: {
          type: 'array',
          items: {
            type: 'object',
            properties: { allow: { type: 'boolean', description: 'Whether.' } },
            additionalProperties: false,
          },
          description: 'Rules.',
        },
        value: { type: ['string', 'array'], items: { type: 'string' }, description: 'A text or a list.' },
      },
    },
  },
];

const names = new Map<string, ModuleSpec>(
  SAMPLES.flatMap((module) =>
    [module.name, ...(module.aliases ?? [])].flatMap((name): [string, ModuleSpec][] => [
      [name, module],
      [`${module.collection}.${name}`, module],
    ]),
  ),
);

export const sampleModules: ModuleTable = { find: (name) => names.get(name), all: () => SAMPLES };

/** Compiled as the build compiles those of the real modules. */
export async function sampleValidators(): Promise<Validators> {
  const text = await validatorsModule(SAMPLES);
  const url = `data:text/javascript,${encodeURIComponent(text)}`;
  return ((await import(url)) as { readonly validators: Validators }).validators;
}
