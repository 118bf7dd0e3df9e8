import { error } from '../language/diagnostics.ts';
import { renderTemplated } from '../language/render.ts';
import { nearest } from '../language/suggest.ts';
import type { TaskNode, TaskSyntax } from '../language/syntax.ts';
import type { Templated } from '../language/templated.ts';
import { findUnknown, type Value } from '../language/values.ts';
import { type Site, wrongInstance } from './dress.ts';
import { type Frame, inside } from './frame.ts';
import type { Instance } from './instance.ts';
import { taskScope } from './variables.ts';
import type { Flow, Walk } from './walk_context.ts';

interface Notified {
  /** Names of notifiers that are themselves provisional; empty once one certain task has notified. */
  waitsFor: readonly string[];
}

/** What makes a handler of a task: what its id ends in, and what it waits for. */
export interface HandlerCall {
  readonly suffix: string;
  readonly waitsFor: readonly string[];
}

/** The handlers of a play on one host: who has been notified, and when they run. */
export interface Handlers {
  /** By a task that has changed something. */
  notify(site: Site, waitsFor: readonly string[]): void;
  /** By an earlier run. */
  owe(names: readonly string[]): void;
  check(instance: Instance, site: Site): Instance;
  flush(): Flow;
}

type RunTask = (task: TaskSyntax, frame: Frame, handler: HandlerCall) => Flow;

/** `top`: the frame of the play. */
export function createHandlers(walk: Walk, top: Frame, runTask: RunTask): Handlers {
  const { play } = walk;
  const notified = new Map<string, Notified>();
  let flushes = 0;

  function notifyNames(site: Site): readonly { readonly name: string; readonly node: Templated }[] {
    const scope = taskScope(walk, site.frame, site.own);
    return [...site.frame.notify, ...site.task.notify].flatMap((node) => {
      const rendered = renderTemplated(node, scope);
      if (!rendered.ok || findUnknown(rendered.value) !== undefined) return [];
      const names = Array.isArray(rendered.value) ? (rendered.value as readonly Value[]) : [rendered.value];
      return names.map((name) => ({ name: String(name), node }));
    });
  }

  function notify(site: Site, waitsFor: readonly string[]): void {
    for (const { name } of notifyNames(site)) {
      const known = notified.get(name);
      const certain = waitsFor.length === 0 || known?.waitsFor.length === 0;
      notified.set(name, { waitsFor: certain ? [] : [...(known?.waitsFor ?? []), ...waitsFor] });
    }
  }

  /** A task that notifies a handler that does not exist is wrong whether it changes anything or not. */
  function check(instance: Instance, site: Site): Instance {
    if (instance.status === 'skip' || instance.status === 'fail') return instance;
    const known = handlerNames();
    const names = notifyNames(site);
    const missing = names.filter(({ name }) => !known.includes(name));
    if (missing.length === 0) return { ...instance, notifies: names.map(({ name }) => name) };
    return wrongInstance(
      walk,
      site,
      missing.map(({ name, node }) => {
        const near = nearest(name, known);
        const hint =
          near === undefined ? 'Write it under `handlers`, or correct the name.' : `Did you mean \`${near}\`?`;
        return error('keyword', `there is no handler \`${name}\` in this play`, node.span, hint);
      }),
    );
  }

  /** With the blocks around them, which imported handlers stand in. */
  function handlers(): readonly { readonly task: TaskSyntax; readonly frame: Frame }[] {
    const flat = (node: TaskNode, frame: Frame): ReturnType<typeof handlers> => {
      const own = inside(frame, node);
      return node.kind === 'task' ? [{ task: node, frame: own }] : node.block.flatMap((inner) => flat(inner, own));
    };
    return play.handlers.flatMap((node) => flat(node, top));
  }

  function handlerName(task: TaskSyntax): string | undefined {
    if (task.name === undefined) return undefined;
    const rendered = renderTemplated(task.name, taskScope(walk, top));
    return rendered.ok && typeof rendered.value === 'string' ? rendered.value : undefined;
  }

  function handlerNames(): readonly string[] {
    return handlers().flatMap(({ task }) => [
      ...(handlerName(task) === undefined ? [] : [handlerName(task) as string]),
      ...task.listen,
    ]);
  }

  /** Runs what has been notified, once each, in the order of definition (Ansible: "Handlers"). */
  function flush(): Flow {
    while (notified.size > 0) {
      flushes += 1;
      const due = new Map(notified);
      const before = flushes;
      let ran = false;
      for (const { task, frame } of handlers()) {
        const topics = [handlerName(task), ...task.listen].filter((topic) => topic !== undefined);
        const calls = topics.flatMap((topic) => notified.get(topic) ?? due.get(topic) ?? []);
        if (calls.length === 0) continue;
        ran = true;
        const certain = calls.some((call) => call.waitsFor.length === 0);
        const waitsFor = certain ? [] : calls.flatMap((call) => call.waitsFor);
        for (const topic of topics) {
          // A handler further down that listens to the same topic is still due.
          const call = notified.get(topic);
          if (call !== undefined) due.set(topic, call);
          notified.delete(topic);
        }
        const flow = runTask(task, frame, { suffix: `@${before}`, waitsFor });
        if (flow !== 'on') return flow;
      }
      if (!ran) notified.clear();
    }
    return 'on';
  }

  return {
    notify,
    owe(names) {
      for (const name of names) notified.set(name, { waitsFor: [] });
    },
    check,
    flush,
  };
}
