import { dirname, resolve } from 'node:path';
import { type Diagnostic, error } from '../diagnostics.ts';
import type { PlaySyntax } from '../syntax.ts';
import type { Condition, Templated, VarLayer } from '../templated.ts';
import { toTemplated } from '../templates.ts';
import type { YamlEntry, YamlMap, YamlNode } from '../yaml.ts';
import {
  defined,
  isNull,
  items,
  readConditions,
  readFlag,
  readPatterns,
  readPlainText,
  readTags,
  readText,
  readVars,
  take,
} from './fields.ts';
import { findFile, findLoop, readYamlFile } from './import_tasks.ts';
import { IMPORT_PLAYBOOK, PLAY } from './keywords.ts';
import { misplaced } from './misplaced.ts';
import { type Fields, fieldsOf, type Reading } from './reading.ts';
import { readShared, withDefaults } from './shared.ts';
import { readTasks } from './task.ts';

/** What an `import_playbook` says of the plays it brings in. */
interface Bequest {
  readonly when: readonly Condition[];
  readonly tags: readonly string[];
  readonly vars: VarLayer | undefined;
}

const NOTHING: Bequest = { when: [], tags: [], vars: undefined };

/** All plays of a playbook file, those of imported ones in their places. `next` numbers the plays for their keys. */
export function readPlays(
  reading: Reading,
  node: YamlNode,
  next = counter(),
  bequest = NOTHING,
): readonly PlaySyntax[] {
  if (node.kind !== 'list') {
    reading.problems.push(notAPlaybook(node));
    return [];
  }
  if (node.items.length === 0) reading.problems.push(emptyPlaybook(node));
  return node.items.flatMap((item) => {
    if (item.kind !== 'map') {
      reading.problems.push(
        error('type', 'expected a play, which is a map', item.span, 'Write `- hosts: ...` and below it `tasks:`.'),
      );
      return [];
    }
    const fields = fieldsOf(item);
    const imported = fields.get('import_playbook') ?? fields.get('ansible.builtin.import_playbook');
    if (imported !== undefined) return importPlaybook(reading, item, imported, next, bequest);
    const play = readPlay(reading, item, fields, next());
    return play === undefined ? [] : [inherit(play, bequest)];
  });
}

function counter(): () => number {
  let count = 0;
  return () => count++;
}

function notAPlaybook(node: YamlNode): Diagnostic {
  if (isNull(node)) return emptyPlaybook(node);
  const isPlay = node.kind === 'map' && node.entries.some(({ key }) => key === 'hosts');
  return error(
    'type',
    'a playbook is a list of plays',
    node.kind === 'map' ? (node.entries[0]?.keySpan ?? node.span) : node.span,
    isPlay ? 'Put `- ` before the play, and indent what follows.' : 'Start with `- hosts: ...` and below it `tasks:`.',
  );
}

function emptyPlaybook(node: YamlNode): Diagnostic {
  return error('type', 'this playbook is empty', node.span, 'Start with `- hosts: ...` and below it `tasks:`.');
}

function importPlaybook(
  reading: Reading,
  node: YamlMap,
  { key, value }: YamlEntry,
  next: () => number,
  outer: Bequest,
): readonly PlaySyntax[] {
  const { problems } = reading;
  const fields = fieldsOf(node);
  for (const entry of node.entries) {
    if (entry.key === key || (IMPORT_PLAYBOOK as readonly string[]).includes(entry.key)) continue;
    problems.push(misplaced(reading, entry, 'import', IMPORT_PLAYBOOK));
  }
  const bequest = join(outer, {
    when: readConditions(problems, fields.get('when')),
    tags: readTags(problems, fields.get('tags')),
    vars: readVars(problems, fields.get('vars'), 'import_playbook vars'),
  });
  const path = readPlainText(problems, value, 'import_playbook');
  if (path === undefined) return [];
  const found = findFile(path, [reading.dir], value.span);
  const problem = 'code' in found ? found : findLoop(reading.chain, found.path, value.span);
  if (problem !== undefined || 'code' in found) {
    if (problem !== undefined) problems.push(problem);
    return [];
  }
  const content = readYamlFile(reading, found.path, value.span);
  if (content === undefined) return [];
  const dir = dirname(found.path);
  const inner = { ...reading, dir, playbookDir: dir, chain: [...reading.chain, resolve(found.path)] };
  return readPlays(inner, content, next, bequest);
}

function join(outer: Bequest, inner: Bequest): Bequest {
  return {
    when: [...outer.when, ...inner.when],
    tags: [...outer.tags, ...inner.tags],
    vars: mergeVars(inner.vars, outer.vars),
  };
}

/** Ansible lets the variables of the import win over the play's own. */
function inherit(play: PlaySyntax, bequest: Bequest): PlaySyntax {
  const vars = mergeVars(play.vars, bequest.vars);
  return {
    ...play,
    when: [...bequest.when, ...play.when],
    tags: [...new Set([...bequest.tags, ...play.tags])],
    ...defined({ vars }),
  };
}

function mergeVars(lower: VarLayer | undefined, higher: VarLayer | undefined): VarLayer | undefined {
  if (lower === undefined || higher === undefined) return lower ?? higher;
  return { origin: lower.origin, entries: new Map([...lower.entries, ...higher.entries]) };
}

const SECTIONS = ['pre_tasks', 'tasks', 'post_tasks'] as const;

function readPlay(reading: Reading, node: YamlMap, fields: Fields, index: number): PlaySyntax | undefined {
  const { problems } = reading;
  const hosts = fields.get('hosts');
  if (hosts === undefined && looksLikeTask(reading, node)) {
    problems.push(
      error(
        'keyword',
        'this is a task, and a play is expected here',
        node.span,
        'Put it below `tasks:` of a play with `hosts:`.',
      ),
    );
    return undefined;
  }
  for (const entry of node.entries) {
    if (!(PLAY as readonly string[]).includes(entry.key)) problems.push(misplaced(reading, entry, 'play'));
  }
  if (hosts === undefined)
    problems.push(
      error('keyword', 'this play has no `hosts`', node.span, 'Add `hosts: all`, or a group of the inventory.'),
    );
  const shared = readShared(reading, fields, 'play');
  const inner = withDefaults(reading, shared.moduleDefaults);
  const section = (name: string, handlers: boolean) =>
    readTasks({ ...inner, handlers }, fields.get(name)?.value, `${index}.${name}`, name);
  const sections = SECTIONS.filter((name) => fields.has(name)).map((name) => ({ name, tasks: section(name, false) }));
  const play = {
    ...shared,
    gatherFacts: readFlag(problems, fields.get('gather_facts')) ?? literal(true, node),
    varsFiles: readVarsFiles(reading, fields.get('vars_files')),
    serial: readSerial(reading, fields.get('serial')),
    ...defined({
      name: readText(problems, fields.get('name')),
      maxFailPercentage: readPercentage(reading, fields.get('max_fail_percentage')),
    }),
    sections,
    handlers: section('handlers', true),
    dir: reading.dir,
    span: node.span,
  };
  const patterns = hosts === undefined ? undefined : readPatterns(problems, hosts);
  return patterns === undefined ? undefined : { ...play, hosts: patterns };
}

function looksLikeTask(reading: Reading, node: YamlMap): boolean {
  return node.entries.some(
    ({ key }) => reading.modules.find(key) !== undefined || key === 'block' || key === 'import_tasks',
  );
}

function literal(value: boolean, node: YamlNode): Templated {
  return { kind: 'literal', value, span: { ...node.span, end: node.span.start } };
}

/** A file, or a list of alternatives of which the first that is there is read. */
function readVarsFiles(reading: Reading, entry: YamlEntry | undefined): readonly Templated[] {
  return items(entry?.value).flatMap((node) => {
    const texts = items(node);
    if (texts.length > 0 && texts.every((text) => text.kind === 'scalar' && text.text !== '')) {
      return take(reading.problems, toTemplated(node)) ?? [];
    }
    reading.problems.push(error('type', '`vars_files` expects a list of paths', node.span));
    return [];
  });
}

/** Numbers of hosts or percentages: `1`, `"30%"`, a list of them for growing batches. */
function readSerial(reading: Reading, entry: YamlEntry | undefined): readonly Templated[] {
  return items(entry?.value).flatMap((node): readonly Templated[] => {
    const templated = take(reading.problems, toTemplated(node));
    if (templated === undefined) return [];
    if (templated.kind === 'template') return [templated];
    const text = node.kind === 'scalar' ? node.text : '';
    if (/^\d+$/.test(text)) return [{ kind: 'literal', value: Number(text), span: node.span }];
    if (/^\d+(\.\d+)?%$/.test(text)) return [templated];
    const message = '`serial` expects a number of hosts, a percentage, or a list of these';
    reading.problems.push(error('type', message, node.span, 'Write `serial: 2` or `serial: "30%"`.'));
    return [];
  });
}

function readPercentage(reading: Reading, entry: YamlEntry | undefined): Templated | undefined {
  if (entry === undefined) return undefined;
  const templated = take(reading.problems, toTemplated(entry.value));
  if (templated === undefined || templated.kind === 'template') return templated;
  const text = entry.value.kind === 'scalar' ? entry.value.text : '';
  const value = /^\d+(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (value >= 0 && value <= 100) return { kind: 'literal', value, span: entry.value.span };
  reading.problems.push(error('type', '`max_fail_percentage` expects a number from 0 to 100', entry.value.span));
  return undefined;
}
