import type { Span } from '../../language/diagnostics.ts';
import { lineStarts } from '../../language/lines.ts';
import type { ModuleTable } from '../../language/module_spec.ts';
import type { PlaySyntax, TaskSyntax } from '../../language/syntax.ts';
import type { Templated } from '../../language/templated.ts';
import type { Value } from '../../language/values.ts';
import type { AnyModule } from '../../planning/contracts.ts';
import type { EntryRecord, RunRecord } from '../records.ts';
import { restore } from './restore.ts';

/** The one module of an undo. */
export const undoModules: ModuleTable<AnyModule> = {
  find: (name) => (name === restore.name ? restore : undefined),
  all: () => [restore],
};

/**
 * The play that takes a run back on a host: a task for each entry of its journal, newest first, as the user who made
 * it, and after them, in the old order, what is done again. What several hosts did in the same task has the same key.
 */
export function undoPlay(
  record: RunRecord,
  hosts: readonly string[],
  host: string | undefined,
  force: boolean,
): PlaySyntax {
  const entries = host === undefined ? [] : (record.entries.get(host) ?? []);
  const source = { path: record.path, text: record.text };
  const start = lineStarts(source);
  const spanOf = (entry: EntryRecord): Span => {
    const at = start[entry.line - 1] ?? 0;
    return { source, start: at, end: at };
  };
  const whole: Span = { source, start: 0, end: 0 };
  const keys = keysOf(entries);
  const tasks = entries.map((entry, i) => taskOf(record.head.id, entry, keys[i] as string, spanOf(entry), force));
  return {
    name: literal(`undo of run ${record.head.id}`, whole),
    hosts: literal(hosts.join(','), whole),
    gatherFacts: literal(false, whole),
    when: [],
    tags: [],
    environment: [],
    varsFiles: [],
    serial: [],
    sections: [
      { name: 'tasks', tasks: tasks.filter((_, i) => entries[i]?.again !== true).toReversed() },
      { name: 'post_tasks', tasks: tasks.filter((_, i) => entries[i]?.again === true) },
    ],
    handlers: [],
    dir: '.',
    span: whole,
  };
}

/** A task that was tried again, or that comes in two playbooks, has entries of its own each time. */
function keysOf(entries: readonly EntryRecord[]): readonly string[] {
  const seen = new Map<string, number>();
  return entries.map(({ task }) => {
    const times = (seen.get(task) ?? 0) + 1;
    seen.set(task, times);
    return times === 1 ? task : `${task}~${times}`;
  });
}

function taskOf(run: string, entry: EntryRecord, key: string, span: Span, force: boolean): TaskSyntax {
  const { user, method, connection, remoteUser, n, name, hidden } = entry;
  const args = { run, entry: n, force };
  return {
    kind: 'task',
    key,
    name: literal(name, span),
    module: restore.name,
    args: {
      kind: 'map',
      entries: Object.entries(args).map(([k, value]) => ({ key: k, keySpan: span, value: literal(value, span) })),
      span,
    },
    when: [],
    tags: [],
    environment: [],
    notify: [],
    listen: [],
    become: literal(user !== null, span),
    ...(user !== null && { becomeUser: literal(user, span), becomeMethod: literal(method, span) }),
    ...(connection !== undefined && { connection: literal(connection, span) }),
    ...(remoteUser !== undefined && { remoteUser: literal(remoteUser, span) }),
    noLog: literal(hidden, span),
    dir: '.',
    span,
    moduleSpan: span,
  };
}

function literal(value: Value, span: Span): Templated {
  return { kind: 'literal', value, span };
}
