import { type Diagnostic, error, fail, ok, type Result, type Span } from '../language/diagnostics.ts';
import { bindParameters } from '../language/parameters.ts';
import { renderTemplated } from '../language/render.ts';
import type { TaskSyntax } from '../language/syntax.ts';
import type { Scope, Templated } from '../language/templated.ts';
import { isMap, type Value, type ValueMap } from '../language/values.ts';
import { user as userRef } from '../resources/user.ts';
import type { AnyModule, View } from './contracts.ts';
import { NotYet } from './contracts.ts';
import { type Frame, moduleDefaults } from './frame.ts';

/** A task's arguments, rendered, merged with `module_defaults`, and fit for the module's schema. */
export function bindTask(task: TaskSyntax, module: AnyModule, frame: Frame, scope: Scope): Result<ValueMap> {
  const problems: Diagnostic[] = [];
  const values: Record<string, Value> = {};
  for (const node of moduleDefaults(frame.chain)) {
    const rendered = renderTemplated(node, scope);
    if (!rendered.ok) problems.push(...rendered.diagnostics);
    else if (isMap(rendered.value)) {
      for (const name of namesOf(module)) {
        const defaults = rendered.value[name];
        if (defaults !== undefined && isMap(defaults)) Object.assign(values, defaults);
      }
    }
  }
  for (const entry of task.args.entries) {
    const rendered = renderTemplated(entry.value, scope);
    if (rendered.ok) values[entry.key] = rendered.value;
    else problems.push(...rendered.diagnostics);
  }
  if (problems.length > 0) return fail(...problems);
  return bindParameters(module, values, (path) => spanAt(task, path));
}

function namesOf(module: AnyModule): readonly string[] {
  const short = [module.name, ...(module.aliases ?? [])];
  return [...short, ...short.map((name) => `${module.collection}.${name}`)];
}

/** The place of a parameter in the playbook: as deep as it was written out, the task's own otherwise. */
export function spanAt(task: TaskSyntax, path: readonly (string | number)[]): Span {
  let node: Templated = task.args;
  let span = task.moduleSpan;
  for (const step of path) {
    const next: Templated | undefined =
      node.kind === 'map'
        ? node.entries.find((entry) => entry.key === step)?.value
        : node.kind === 'list' && typeof step === 'number'
          ? node.items[step]
          : undefined;
    if (next === undefined) break;
    node = next;
    span = node.span;
  }
  return span;
}

/**
 * `~` and `~user` in paths on the host, by the passwd entry and not by $HOME: the same for every identity.
 * Throws NotYet while the user has not been looked at; `ask` takes what to look at.
 */
export function expandHomes(
  module: AnyModule,
  params: ValueMap,
  view: View,
  ask: (ref: ReturnType<typeof userRef>) => void,
): Result<ValueMap> {
  const expanded: Record<string, Value> = { ...params };
  for (const [name, property] of Object.entries(module.schema.properties)) {
    const value = expanded[name];
    if (property.format !== 'path' || typeof value !== 'string' || !value.startsWith('~')) continue;
    const slash = value.indexOf('/');
    const who = value.slice(1, slash === -1 ? undefined : slash) || view.user;
    const ref = userRef(who);
    const found = view.peek(ref);
    if (found === undefined) {
      ask(ref);
      throw new NotYet(`the home directory of ${who}`, true);
    }
    if (found === null) return fail(error('parameter', `\`${name}\`: there is no user \`${who}\` on the host`));
    expanded[name] = found.home + (slash === -1 ? '' : value.slice(slash));
  }
  return ok(expanded);
}
