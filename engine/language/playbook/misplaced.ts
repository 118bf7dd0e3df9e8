import { canonicalNames } from '../arguments/coerce.ts';
import { type Diagnostic, error } from '../diagnostics.ts';
import type { ModuleSpec } from '../module_spec.ts';
import { nearest } from '../suggest.ts';
import type { YamlEntry } from '../yaml.ts';
import { BLOCK, HANDLER, LOOP_CONTROL, PLAY, SHARED, TASK, UNSUPPORTED } from './keywords.ts';
import type { Reading } from './reading.ts';
import { moduleNames } from './shared.ts';

type Level = 'play' | 'block' | 'task' | 'handler' | 'import';

const WORDS: Readonly<Record<Level, readonly string[]>> = {
  play: PLAY,
  block: BLOCK,
  task: TASK,
  handler: HANDLER,
  import: [],
};

/** A key that may not stand where it stands, and where it belongs if that can be told. */
export function misplaced(
  reading: Reading,
  { key, keySpan }: YamlEntry,
  level: Level,
  words: readonly string[] = WORDS[level],
): Diagnostic {
  const unsupported = UNSUPPORTED.get(key);
  if (unsupported !== undefined) {
    return error('keyword', `\`${key}\` is not supported by this version`, keySpan, unsupported);
  }
  const home = homeOf(key, level);
  if (home !== undefined) return error('keyword', `\`${key}\` belongs to ${home.owner}, not here`, keySpan, home.hint);
  if (level === 'play' && reading.modules.find(key) !== undefined) {
    return error(
      'keyword',
      `\`${key}\` is a module, and stands where a play's keywords stand`,
      keySpan,
      'Put the task below `tasks:`.',
    );
  }
  const near = nearest(key, words);
  const hint =
    near === undefined ? `Its keywords are ${words.slice().sort().join(', ')}.` : `Did you mean \`${near}\`?`;
  return error(
    'keyword',
    `\`${key}\` is not a keyword of ${level === 'import' ? 'an import' : `a ${level}`}`,
    keySpan,
    hint,
  );
}

interface Home {
  readonly owner: string;
  readonly hint: string;
}

function homeOf(key: string, level: Level): Home | undefined {
  const has = (words: readonly string[]) => words.includes(key);
  if (key === 'listen') return { owner: 'a handler', hint: 'Move the task below `handlers:`, or use `notify`.' };
  if (level !== 'play' && has(PLAY) && !has(SHARED)) {
    const hint =
      key === 'hosts' ? 'A play starts with `- hosts:` in the first column.' : 'It is written beside `hosts`.';
    return { owner: 'a play', hint: `Check the indentation. ${hint}` };
  }
  if (level === 'play' && has(TASK)) return { owner: 'a task', hint: 'Check the indentation of the tasks.' };
  if (level === 'block' && has(TASK))
    return { owner: 'a task', hint: 'Put it on each task of the block that needs it.' };
  if (has(LOOP_CONTROL)) return { owner: '`loop_control`', hint: `Write \`loop_control: {${key}: ...}\`.` };
  return undefined;
}

/** What stands in a task beside its module and is no keyword. */
export function besideModule(reading: Reading, entry: YamlEntry, module: ModuleSpec, handler: boolean): Diagnostic {
  const { key, keySpan } = entry;
  const parameters = canonicalNames(module.schema.properties);
  const isKeyword = UNSUPPORTED.has(key) || (BLOCK as readonly string[]).includes(key);
  if (!isKeyword && parameters.has(key)) {
    const hint = `Check the indentation: it is written below \`${module.name}:\`.`;
    return error('keyword', `\`${key}\` is a parameter of \`${module.name}\` and stands beside it`, keySpan, hint);
  }
  const level = handler ? 'handler' : 'task';
  if (['block', 'rescue', 'always'].includes(key)) {
    return error(
      'keyword',
      `a task with a module has no \`${key}\``,
      keySpan,
      'Put the module into a task of the block.',
    );
  }
  if (homeOf(key, level) !== undefined || UNSUPPORTED.has(key)) return misplaced(reading, entry, level);
  const words = WORDS[level];
  const near = nearest(key, [...words, ...parameters.keys()]);
  if (near !== undefined && !words.includes(near)) {
    const hint = `\`${near}\` is a parameter of \`${module.name}\`: write it below \`${module.name}:\`.`;
    return error('keyword', `\`${key}\` is not a keyword of a ${level}`, keySpan, hint);
  }
  return misplaced(reading, entry, level);
}

/** A task without a module that is known: the unknown keys, one of which was to be it. */
export function withoutModule(
  reading: Reading,
  unknown: readonly YamlEntry[],
  handler: boolean,
): readonly Diagnostic[] {
  const level = handler ? 'handler' : 'task';
  const words = WORDS[level];
  const names = moduleNames(reading);
  const meant = unknown.find(({ key }) => isModuleLike(key, names, words)) ?? unknown[0];
  return unknown.map((entry) => {
    if (entry !== meant || UNSUPPORTED.has(entry.key) || homeOf(entry.key, level))
      return misplaced(reading, entry, level);
    return unknownModule(entry, names, words);
  });
}

function isModuleLike(key: string, names: readonly string[], words: readonly string[]): boolean {
  if (UNSUPPORTED.has(key)) return false;
  const near = nearest(key, [...names, ...words]);
  return key.includes('.') || (near !== undefined && names.includes(near));
}

function unknownModule({ key, keySpan }: YamlEntry, names: readonly string[], words: readonly string[]): Diagnostic {
  const short = key.slice(key.lastIndexOf('.') + 1);
  const near = names.includes(short) ? short : nearest(short, [...names, ...words]);
  const hint =
    near === undefined
      ? '`runbook docs` lists the modules there are.'
      : `Did you mean ${words.includes(near) ? 'the keyword ' : ''}\`${near}\`?`;
  return error('module', `there is no module \`${key}\``, keySpan, hint);
}
