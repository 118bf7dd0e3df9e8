import { canonicalNames } from '../arguments/coerce.ts';
import { type Diagnostic, error, type Span } from '../diagnostics.ts';
import type { ModuleSpec } from '../module_spec.ts';
import type { BlockSyntax, TaskNode, TaskSyntax } from '../syntax.ts';
import type { Templated } from '../templated.ts';
import { textPlace, within } from '../text_place.ts';
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from '../yaml.ts';
import { type Call, readCall } from './action.ts';
import {
  defined,
  isNull,
  items,
  readConditions,
  readName,
  readNumber,
  readPlainText,
  readText,
  readTexts,
} from './fields.ts';
import { openTaskFile, readImport, type TaskFile } from './import_tasks.ts';
import { BLOCK, HANDLER, TASK } from './keywords.ts';
import { isLoop, readLoop } from './loops.ts';
import { besideModule, misplaced, withoutModule } from './misplaced.ts';
import { type Fields, fieldsOf, type Reading } from './reading.ts';
import { readShared, withDefaults } from './shared.ts';

/** A list of tasks: `tasks`, `block`, a file of tasks. */
export function readTasks(
  reading: Reading,
  node: YamlNode | undefined,
  key: string,
  what: string,
): readonly TaskNode[] {
  if (node === undefined || isNull(node)) return [];
  if (node.kind !== 'list') {
    const hint = node.kind === 'map' ? 'Put `- ` before each task.' : 'Write a list of tasks, each starting with `- `.';
    reading.problems.push(error('type', `\`${what}\` expects a list of tasks`, node.span, hint));
    return [];
  }
  return node.items.flatMap((item, index) => readTask(reading, item, `${key}.${index}`) ?? []);
}

/** The tasks in a file; `span` is the statement that names it, if there is one. */
export function readTasksFrom(
  reading: Reading,
  path: string,
  span: Span | undefined,
  key: string,
): readonly TaskNode[] {
  return tasksOf(openTaskFile(reading, path, span), key);
}

function tasksOf(file: TaskFile | undefined, key: string): readonly TaskNode[] {
  return file === undefined ? [] : readTasks(file.reading, file.node, key, file.path);
}

function readTask(reading: Reading, node: YamlNode, key: string): TaskNode | undefined {
  if (node.kind !== 'map') {
    reading.problems.push(notATask(reading, node));
    return undefined;
  }
  const fields = fieldsOf(node);
  const isBlock = ['block', 'rescue', 'always'].some((word) => fields.has(word));
  const hasModule = node.entries.some((entry) => reading.modules.find(entry.key) !== undefined);
  return isBlock && !hasModule ? readBlock(reading, node, fields, key) : readModuleTask(reading, node, fields, key);
}

function notATask(reading: Reading, node: YamlNode): Diagnostic {
  const word = node.kind === 'scalar' ? node.text.split(/[\s:=]/)[0] : undefined;
  const hint =
    word !== undefined && reading.modules.find(word) !== undefined
      ? `Write \`- ${word}:\`, with a colon.`
      : 'Write `- name: ...` and below it the module with its parameters.';
  return error('type', isNull(node) ? 'this task is empty' : 'expected a task, which is a map', node.span, hint);
}

function readBlock(reading: Reading, node: YamlMap, fields: Fields, key: string): BlockSyntax {
  const { problems } = reading;
  if (reading.handlers) {
    problems.push(
      error(
        'keyword',
        'a handler cannot be a block',
        node.span,
        'Write one handler for each task, with the same `listen`.',
      ),
    );
  }
  for (const entry of node.entries) {
    if (!(BLOCK as readonly string[]).includes(entry.key)) problems.push(misplaced(reading, entry, 'block'));
  }
  if (!fields.has('block')) {
    const [first] = ['rescue', 'always'].flatMap((word) => fields.get(word) ?? []);
    problems.push(
      error(
        'keyword',
        `\`${first?.key}\` without \`block\``,
        first?.keySpan,
        'Put the tasks it follows below `block:`.',
      ),
    );
  }
  const shared = readShared(reading, fields, 'block');
  const inner = withDefaults(reading, shared.moduleDefaults);
  const tasks = (word: string) => readTasks(inner, fields.get(word)?.value, `${key}.${word}`, word);
  return {
    kind: 'block',
    key,
    ...shared,
    ...defined({ name: readText(problems, fields.get('name')) }),
    block: tasks('block'),
    rescue: tasks('rescue'),
    always: tasks('always'),
    notify: readTexts(problems, fields.get('notify')),
    span: node.span,
  };
}

/** The module of a task as it was named: `copy:`, `action: copy ...`, `import_tasks:`. */
interface Named {
  readonly entry: YamlEntry;
  readonly name: string;
  readonly span: Span;
  readonly value: YamlNode;
  readonly module: ModuleSpec | undefined;
}

function readModuleTask(reading: Reading, node: YamlMap, fields: Fields, key: string): TaskNode | undefined {
  const { problems } = reading;
  const words: readonly string[] = reading.handlers ? HANDLER : TASK;
  const named: Named[] = [];
  const unknown: YamlEntry[] = [];
  for (const entry of node.entries) {
    if (entry.key === 'action' || entry.key === 'local_action') named.push(...oldStyle(reading, entry));
    else if (words.includes(entry.key) || isLoop(entry.key)) continue;
    else if (isNamed(reading, entry.key)) named.push(newStyle(reading, entry));
    else unknown.push(entry);
  }
  const [first, second] = named;
  if (second !== undefined) problems.push(twoModules(named));
  if (first === undefined) {
    const isWrong = fields.has('action') || fields.has('local_action');
    if (unknown.length > 0) problems.push(...withoutModule(reading, unknown, reading.handlers));
    else if (!isWrong) problems.push(noModule(node));
    readCommon(reading, node, fields, key);
    return undefined;
  }
  if (first.module === undefined) {
    const imported = readImport(reading, {
      name: first.name,
      nameSpan: first.span,
      value: first.value,
      node,
      fields,
      key,
    });
    return imported === undefined ? undefined : { ...imported.block, block: tasksOf(imported.file, `${key}.block`) };
  }
  for (const entry of unknown) problems.push(besideModule(reading, entry, first.module, reading.handlers));
  const parameters = canonicalNames(first.module.schema.properties);
  const hasStray = unknown.some((entry) => parameters.has(entry.key));
  const call = readCall(reading, first.module, first.span, first.value, fields.get('args'), hasStray);
  return toTask(reading, node, fields, key, call, first.entry.key === 'local_action');
}

/** `import_tasks` and its like are known without being modules: they are gone when the playbook is read. */
const IMPORTS = ['import_tasks', 'import_role', 'include_role', 'include', 'import_playbook'];

function isNamed(reading: Reading, key: string): boolean {
  return reading.modules.find(key) !== undefined || IMPORTS.includes(key.replace('ansible.builtin.', ''));
}

function newStyle(reading: Reading, entry: YamlEntry): Named {
  const module = reading.modules.find(entry.key);
  const name = module?.name ?? entry.key.replace('ansible.builtin.', '');
  return { entry, name, span: entry.keySpan, value: entry.value, module };
}

/** `action: copy src=a`, `action: {module: copy, src: a}`; `local_action` alike. */
function oldStyle(reading: Reading, entry: YamlEntry): readonly Named[] {
  const { value, key } = entry;
  const named = value.kind === 'map' ? value.entries.find((each) => each.key === 'module')?.value : value;
  const text = named?.kind === 'scalar' ? named.text.trim() : '';
  const name = /^\S*/.exec(text)?.[0] ?? '';
  if (named?.kind !== 'scalar' || name === '') {
    const hint = `Write \`${key}: MODULE parameter=value\`, or simply the module as a key.`;
    reading.problems.push(error('type', `\`${key}\` expects a module and its parameters`, value.span, hint));
    return [];
  }
  const module = reading.modules.find(name);
  const place = textPlace(named);
  const begin = named.text.indexOf(name);
  const span = { ...named.span, start: place.offset(begin), end: place.offset(begin + name.length) };
  if (module === undefined && !isNamed(reading, name)) {
    reading.problems.push(...withoutModule(reading, [{ key: name, keySpan: span, value }], reading.handlers));
    return [];
  }
  const rest = afterName(named, begin + name.length);
  if (value.kind !== 'map') return [{ entry, name, span, value: rest, module }];
  const entries = value.entries.filter((each) => each.key !== 'module' && each.key !== 'args');
  const inner = value.entries.find((each) => each.key === 'args')?.value;
  const merged = inner?.kind === 'map' ? [...entries, ...inner.entries] : entries;
  return [{ entry, name, span, value: { ...value, entries: merged }, module }];
}

function afterName(scalar: YamlScalar, begin: number): YamlScalar {
  const text = scalar.text.slice(begin).trimStart();
  const place = textPlace(scalar);
  const from = scalar.text.length - text.length;
  const span = { ...scalar.span, start: place.offset(from) };
  const value = text === '' ? null : text;
  return {
    ...scalar,
    text,
    value,
    span,
    place: within(place, from),
  };
}

function twoModules(named: readonly Named[]): Diagnostic {
  const names = named.map(({ entry }) => `\`${entry.key}\``);
  return error(
    'module',
    `a task has one module, and this one has ${names.join(' and ')}`,
    named[1]?.entry.keySpan,
    'Write a task of its own for each, or check the indentation if one is a parameter of the other.',
  );
}

function noModule(node: YamlMap): Diagnostic {
  return error(
    'module',
    'this task has no module',
    node.span,
    'Add one, such as `debug: {msg: ...}`; see `runbook docs`.',
  );
}

/** What a task has beside its module. */
function readCommon(reading: Reading, node: YamlMap, fields: Fields, key: string) {
  const { problems } = reading;
  const conditions = (word: string) => (fields.has(word) ? readConditions(problems, fields.get(word)) : undefined);
  return {
    kind: 'task' as const,
    key,
    ...readShared(reading, fields, 'task'),
    notify: readTexts(problems, fields.get('notify')),
    listen: items(fields.get('listen')?.value).flatMap((each) => readPlainText(problems, each, 'listen') ?? []),
    ...defined({
      name: readText(problems, fields.get('name')),
      loop: readLoop(reading, fields),
      register: readName(problems, fields.get('register')),
      changedWhen: conditions('changed_when'),
      failedWhen: conditions('failed_when'),
      until: conditions('until'),
      retries: readNumber(problems, fields.get('retries')),
      delay: readNumber(problems, fields.get('delay')),
    }),
    dir: reading.dir,
    span: node.span,
  };
}

function toTask(
  reading: Reading,
  node: YamlMap,
  fields: Fields,
  key: string,
  call: Call,
  isLocal: boolean,
): TaskSyntax {
  const common = readCommon(reading, node, fields, key);
  const local: Templated = { kind: 'literal', value: 'localhost', span: call.moduleSpan };
  return {
    ...common,
    ...(isLocal ? { delegateTo: local } : {}),
    module: call.module.name,
    args: call.args,
    moduleSpan: call.moduleSpan,
  };
}
