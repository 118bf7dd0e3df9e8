import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type Diagnostic, error, type Span } from '../diagnostics.ts';
import { readSource, shownPath, statOf } from '../source.ts';
import type { BlockSyntax } from '../syntax.ts';
import { parseYaml, type YamlMap, type YamlNode } from '../yaml.ts';
import { defined, readPlainText, readText, readTexts, take } from './fields.ts';
import { IMPORT_TASKS, UNSUPPORTED } from './keywords.ts';
import { isLoop } from './loops.ts';
import { misplaced } from './misplaced.ts';
import { type Fields, fieldsOf, type Reading } from './reading.ts';
import { readShared, withDefaults } from './shared.ts';

interface Import {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: YamlNode;
  readonly node: YamlMap;
  readonly fields: Fields;
  readonly key: string;
}

const ROLES = 'Write `import_tasks: roles/NAME/tasks/main.yml`, and name its defaults in `vars_files`.';

/** A file of tasks, opened: its content, and how to read on from there. */
export interface TaskFile {
  readonly node: YamlNode;
  readonly path: string;
  readonly reading: Reading;
}

/** A file of tasks and the block that carries what its import says of them. */
export interface Imported {
  readonly block: Omit<BlockSyntax, 'block'>;
  readonly file: TaskFile | undefined;
}

export function readImport(reading: Reading, statement: Import): Imported | undefined {
  const { name, nameSpan, value, node, fields, key } = statement;
  const { problems } = reading;
  if (name !== 'import_tasks') {
    problems.push(unsupported(name, nameSpan));
    return undefined;
  }
  checkKeywords(reading, node);
  const shared = readShared(reading, fields, 'block');
  const block: Omit<BlockSyntax, 'block'> = {
    kind: 'block',
    key,
    ...shared,
    ...defined({ name: readText(problems, fields.get('name')) }),
    rescue: [],
    always: [],
    notify: readTexts(problems, fields.get('notify')),
    span: node.span,
  };
  const file = fileNode(value, fields);
  const path = file === undefined ? undefined : readPlainText(problems, file, name);
  if (path === undefined || file === undefined) {
    if (file === undefined)
      problems.push(error('parameter', '`import_tasks` needs a file', nameSpan, 'Write `import_tasks: FILE`.'));
    return undefined;
  }
  const found = findFile(path, [reading.dir, reading.playbookDir], file.span);
  if ('code' in found) {
    problems.push(found);
    return { block, file: undefined };
  }
  return { block, file: openTaskFile(withDefaults(reading, shared.moduleDefaults), found.path, file.span) };
}

function unsupported(name: string, span: Span): Diagnostic {
  if (name === 'include') {
    return error(
      'keyword',
      '`include` is gone',
      span,
      'Write `import_tasks` where the file is always read, else `include_tasks`.',
    );
  }
  if (name === 'import_playbook') {
    return error(
      'keyword',
      '`import_playbook` stands among plays, not among tasks',
      span,
      'Write `import_tasks` for a file of tasks.',
    );
  }
  return error('keyword', `\`${name}\` is not supported by this version`, span, ROLES);
}

/** Keywords that would have to act on the import itself: there is nothing left of it when the tasks run. */
function checkKeywords(reading: Reading, node: YamlMap): void {
  for (const entry of node.entries) {
    const { key, keySpan } = entry;
    if ((IMPORT_TASKS as readonly string[]).includes(key) || /^(ansible\.builtin\.)?import_tasks$/.test(key)) continue;
    if (isLoop(key) || ['register', 'until', 'loop_control', 'changed_when', 'failed_when'].includes(key)) {
      const message = `\`import_tasks\` is read once, before anything runs: it cannot have \`${key}\``;
      reading.problems.push(error('keyword', message, keySpan, 'Use `include_tasks`.'));
    } else if (!UNSUPPORTED.has(key) && key === 'listen' && reading.handlers) {
      reading.problems.push(
        error('keyword', 'an import cannot listen', keySpan, 'Put `listen` on the handlers in the file.'),
      );
    } else reading.problems.push(misplaced(reading, entry, 'import', IMPORT_TASKS));
  }
}

/** `import_tasks: file`, `import_tasks: {file: ...}`, or with `args`. */
function fileNode(value: YamlNode, fields: Fields): YamlNode | undefined {
  if (value.kind === 'scalar' && value.value !== null) return value;
  const args = fields.get('args')?.value;
  const maps = [value, args].flatMap((map) => (map?.kind === 'map' ? [fieldsOf(map)] : []));
  return maps.flatMap((map) => map.get('file')?.value ?? [])[0];
}

/** `span` is the statement that names the file, if there is one. */
export function openTaskFile(reading: Reading, path: string, span: Span | undefined): TaskFile | undefined {
  const loop = findLoop(reading.chain, path, span);
  if (loop !== undefined) {
    reading.problems.push(loop);
    return undefined;
  }
  const node = readYamlFile(reading, path, span);
  const [first] = node?.kind === 'list' ? node.items : [];
  if (first?.kind === 'map' && first.entries.some((entry) => entry.key === 'hosts')) {
    const message = `${shownPath(path)} is a playbook, and a file of tasks is expected`;
    const hint = 'Plays are imported by `import_playbook`, among plays.';
    reading.problems.push(error('include', message, span ?? first.span, hint));
    return undefined;
  }
  const inner = { ...reading, dir: dirname(path), chain: [...reading.chain, resolve(path)] };
  return node === undefined ? undefined : { node, path: shownPath(path), reading: inner };
}

/** The file's content; a file that cannot be read is reported where it is named. */
export function readYamlFile(reading: Reading, path: string, span: Span | undefined): YamlNode | undefined {
  const source = readSource(path, reading.opener);
  if (!source.ok) {
    reading.problems.push(
      ...source.diagnostics.map((diagnostic) => ({ ...diagnostic, span: diagnostic.span ?? span })),
    );
    return undefined;
  }
  return take(reading.problems, parseYaml(source.value));
}

/** Where an import's file is: beside the file that names it, else beside the playbook. */
export function findFile(path: string, dirs: readonly string[], span: Span): { readonly path: string } | Diagnostic {
  const own = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
  const candidates = isAbsolute(own) ? [own] : [...new Set(dirs)].map((dir) => join(dir, own));
  const found = candidates.find((candidate) => statOf(candidate) !== undefined);
  if (found !== undefined) return { path: found };
  const [first = own] = candidates;
  const missing = readSource(first);
  const hint = missing.ok ? undefined : missing.diagnostics[0]?.hint;
  return error('include', `there is no file ${shownPath(first)}`, span, hint);
}

export function findLoop(chain: readonly string[], path: string, span: Span | undefined): Diagnostic | undefined {
  const absolute = resolve(path);
  const at = chain.indexOf(absolute);
  if (at === -1) return undefined;
  const names = [...chain.slice(at), absolute].map(shownPath);
  return error('include', `this file includes itself: ${names.join(' -> ')}`, span, 'Take one of the includes out.');
}
