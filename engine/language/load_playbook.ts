import { dirname, resolve } from 'node:path';
import type { Validators } from './arguments/judge.ts';
import { type Diagnostic, error, fail, ok, type Result, type Source } from './diagnostics.ts';
import type { ModuleTable } from './module_spec.ts';
import type { Opener } from './opener.ts';
import { nameProblem, readLayer } from './playbook/fields.ts';
import { readFreeForm } from './playbook/free_form.ts';
import { readYamlFile } from './playbook/import_tasks.ts';
import { readPlays } from './playbook/play.ts';
import type { Reading } from './playbook/reading.ts';
import { readTasksFrom } from './playbook/task.ts';
import { readSource } from './source.ts';
import type { Playbook, TaskNode } from './syntax.ts';
import type { Templated, VarLayer } from './templated.ts';
import { parseYaml, type YamlNode } from './yaml.ts';

export interface LoadOptions {
  /** Opens what is encrypted. */
  readonly opener?: Opener | undefined;
  readonly validators?: Validators | undefined;
}

/** Reads and checks a playbook with all it imports. Nothing is rendered. */
export function loadPlaybook(path: string, modules: ModuleTable, options: LoadOptions = {}): Result<Playbook> {
  const dir = dirname(path);
  const reading: Reading = {
    modules,
    problems: [],
    chain: [resolve(path)],
    dir,
    playbookDir: dir,
    handlers: false,
    defaults: new Map(),
    opener: options.opener,
    validators: options.validators,
  };
  const node = readYamlFile(reading, path, undefined);
  const plays = node === undefined ? [] : readPlays(reading, node);
  return reading.problems.length > 0 ? fail(...reading.problems) : ok({ path, plays });
}

export interface LoadTasksOptions extends LoadOptions {
  /** What the tasks' keys start with: unique to this include. */
  readonly keyPrefix: string;
  /** The files this one is included from, outermost first: one that comes again is a loop. */
  readonly within: readonly string[];
  readonly handlers?: boolean;
  /** Second place to look for what the file imports; default: its own directory. */
  readonly playbookDir?: string;
}

/** Reads a file of tasks, as `include_tasks` does when its turn comes. */
export function loadTasks(path: string, modules: ModuleTable, options: LoadTasksOptions): Result<readonly TaskNode[]> {
  const dir = dirname(path);
  const reading: Reading = {
    modules,
    problems: [],
    chain: options.within.map((file) => resolve(file)),
    dir,
    playbookDir: options.playbookDir ?? dir,
    handlers: options.handlers ?? false,
    defaults: 'unknown',
    opener: options.opener,
    validators: options.validators,
  };
  const tasks = readTasksFrom(reading, path, undefined, options.keyPrefix);
  return reading.problems.length > 0 ? fail(...reading.problems) : ok(tasks);
}

/** A file of variables: YAML or JSON, a map. An empty file has none. */
export function loadVars(path: string, origin: string, opener?: Opener): Result<VarLayer> {
  const source = readSource(path, opener);
  if (!source.ok) return source;
  const node = parseYaml(source.value);
  return node.ok ? toLayer(node.value, origin) : node;
}

function toLayer(node: YamlNode, origin: string): Result<VarLayer> {
  if (node.kind === 'scalar' && node.value === null) return ok({ origin, entries: new Map() });
  if (node.kind !== 'map') {
    const hint = 'Write `name: value` lines, without dashes.';
    return fail(error('type', 'variables are a map', node.span, hint));
  }
  const problems: Diagnostic[] = [];
  const layer = readLayer(problems, node, origin);
  return problems.length > 0 ? fail(...problems) : ok(layer);
}

const EXTRA_VARS = '--extra-vars';

/**
 * `-e` options, the last one winning: `name=value other="a b"` (values are texts), JSON, YAML in braces, `@FILE`.
 */
export function parseExtraVars(texts: readonly string[], opener?: Opener): Result<VarLayer> {
  const problems: Diagnostic[] = [];
  const entries = new Map<string, Templated>();
  for (const text of texts) {
    const layer = parseOne(text, opener);
    if (!layer.ok) problems.push(...layer.diagnostics);
    else for (const [name, value] of layer.value.entries) entries.set(name, value);
  }
  return problems.length > 0 ? fail(...problems) : ok({ origin: EXTRA_VARS, entries });
}

function parseOne(text: string, opener: Opener | undefined): Result<VarLayer> {
  const source: Source = { path: EXTRA_VARS, text, ...(opener && { opener }) };
  const trimmed = text.trim();
  if (trimmed.startsWith('@')) return loadVars(trimmed.slice(1), `${EXTRA_VARS} ${trimmed}`, opener);
  if (/^[[{]/.test(trimmed)) {
    const node = parseYaml(source);
    return node.ok ? toLayer(node.value, EXTRA_VARS) : node;
  }
  return parsePairs(source);
}

function parsePairs(source: Source): Result<VarLayer> {
  const { text } = source;
  const span = { source, start: 0, end: text.length };
  const read = readFreeForm({ kind: 'scalar', value: text, text, style: 'plain', span }, false);
  const problems: Diagnostic[] = [...read.problems];
  if (read.rest !== undefined) {
    const isPath = /^[./~]/.test(text.trim());
    const hint = isPath ? `For a file, write \`@${text.trim()}\`.` : 'Write `-e name=value`, JSON, or `-e @FILE`.';
    problems.push(error('option', `${EXTRA_VARS} expects \`name=value\``, read.rest.span, hint));
  }
  for (const { key, keySpan } of read.options) {
    const problem = nameProblem(key);
    if (problem !== undefined) problems.push(error('option', problem.message, keySpan, problem.hint));
  }
  const layer = readLayer(problems, { kind: 'map', entries: read.options, span }, EXTRA_VARS);
  return problems.length > 0 ? fail(...problems) : ok(layer);
}
