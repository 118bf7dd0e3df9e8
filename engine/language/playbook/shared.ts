import { prepareArguments } from '../arguments/prepare.ts';
import { error } from '../diagnostics.ts';
import type { ModuleSpec } from '../module_spec.ts';
import { didYouMean } from '../suggest.ts';
import type { Inherited } from '../syntax.ts';
import type { Templated, TemplatedEntry } from '../templated.ts';
import { joinEntries, toTemplated } from '../templates.ts';
import type { YamlEntry } from '../yaml.ts';
import {
  defined,
  isNull,
  items,
  readConditions,
  readFlag,
  readMaps,
  readNumber,
  readTags,
  readText,
  readValue,
  readVars,
  take,
} from './fields.ts';
import type { Fields, Reading } from './reading.ts';

/** The keywords that plays, blocks and tasks share. */
export function readShared(reading: Reading, fields: Fields, what: 'play' | 'block' | 'task'): Inherited {
  const { problems } = reading;
  const flag = (key: string) => readFlag(problems, fields.get(key));
  const text = (key: string) => readText(problems, fields.get(key));
  return {
    when: readConditions(problems, fields.get('when')),
    tags: readTags(problems, fields.get('tags')),
    environment: readMaps(problems, fields.get('environment')),
    ...defined({
      become: flag('become'),
      becomeUser: text('become_user'),
      becomeMethod: readMethod(reading, fields.get('become_method')),
      vars: readVars(problems, fields.get('vars'), `${what} vars`),
      noLog: flag('no_log'),
      ignoreErrors: flag('ignore_errors'),
      ignoreUnreachable: flag('ignore_unreachable'),
      anyErrorsFatal: flag('any_errors_fatal'),
      checkMode: flag('check_mode'),
      delegateTo: text('delegate_to'),
      runOnce: flag('run_once'),
      moduleDefaults: readModuleDefaults(reading, fields.get('module_defaults')),
      timeout: readNumber(problems, fields.get('timeout')),
      connection: readValue(problems, fields.get('connection'), { type: 'string' }),
      remoteUser: text('remote_user'),
    }),
  };
}

const METHODS = ['sudo', 'su'];

function readMethod(reading: Reading, entry: YamlEntry | undefined): Templated | undefined {
  const method = readText(reading.problems, entry);
  if (method?.kind !== 'literal' || METHODS.includes(String(method.value))) return method;
  const short = String(method.value).replace('ansible.builtin.', '');
  if (METHODS.includes(short)) return { ...method, value: short };
  reading.problems.push(error('type', `\`become_method\` expects \`sudo\` or \`su\`, not \`${short}\``, method.span));
  return undefined;
}

/** Module names become the modules' own, and each module's defaults are checked as its arguments would be. */
function readModuleDefaults(reading: Reading, entry: YamlEntry | undefined): Templated | undefined {
  if (entry === undefined || isNull(entry.value)) return undefined;
  const { problems } = reading;
  const byModule = new Map<string, TemplatedEntry>();
  for (const map of items(entry.value)) {
    if (map.kind !== 'map') {
      problems.push(
        error(
          'type',
          '`module_defaults` expects a map of modules',
          map.span,
          'Write `module_defaults: {apt: {update_cache: true}}`.',
        ),
      );
      continue;
    }
    for (const each of map.entries) {
      const module = reading.modules.find(each.key);
      if (module === undefined) problems.push(unknownModule(reading, each));
      else byModule.set(module.name, readDefaults(reading, module, each));
    }
  }
  return joinEntries([...byModule.values()], entry.value.span);
}

function unknownModule(reading: Reading, { key, keySpan }: YamlEntry) {
  if (key.startsWith('group/')) {
    return error('module', 'groups of modules have no defaults here', keySpan, 'Name each module.');
  }
  return error('module', `there is no module \`${key}\``, keySpan, didYouMean(key, moduleNames(reading)));
}

function readDefaults(reading: Reading, module: ModuleSpec, { keySpan, value }: YamlEntry): TemplatedEntry {
  const { problems } = reading;
  if (value.kind !== 'map') {
    problems.push(
      error('type', `the defaults of \`${module.name}\` are a map`, value.span, 'Write `{PARAMETER: value}`.'),
    );
    return { key: module.name, keySpan, value: { kind: 'map', entries: [], span: value.span } };
  }
  const entries = value.entries.flatMap((entry) => {
    const templated = take(problems, toTemplated(entry.value));
    return templated === undefined ? [] : [{ ...entry, value: templated }];
  });
  const prepared = prepareArguments(module, { kind: 'map', entries, span: value.span }, keySpan, {
    ...defined({ validators: reading.validators }),
    partial: true,
  });
  problems.push(...prepared.diagnostics);
  return { key: module.name, keySpan, value: prepared.args };
}

/** What a level's `module_defaults` add to those around it, for telling what is missing. */
export function withDefaults(reading: Reading, defaults: Templated | undefined): Reading {
  if (defaults === undefined || reading.defaults === 'unknown') return reading;
  const all = new Map(reading.defaults);
  const add = (module: string, names: readonly string[]) =>
    all.set(module, new Set([...(all.get(module) ?? []), ...names]));
  if (defaults.kind === 'map') {
    for (const { key, value } of defaults.entries) {
      if (value.kind === 'map')
        add(
          key,
          value.entries.map((entry) => entry.key),
        );
      else if (value.kind === 'literal') add(key, Object.keys(value.value ?? {}));
    }
  } else if (defaults.kind === 'literal') {
    for (const [key, value] of Object.entries(defaults.value ?? {})) add(key, Object.keys(value ?? {}));
  }
  return { ...reading, defaults: all };
}

export function moduleNames(reading: Reading): readonly string[] {
  return reading.modules.all().flatMap((module) => [module.name, ...(module.aliases ?? [])]);
}
