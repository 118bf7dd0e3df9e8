import type { Diagnostic, Span } from '../language/diagnostics.ts';
import { evaluateAll } from '../language/render.ts';
import type { TaskSyntax } from '../language/syntax.ts';
import type { Scope } from '../language/templated.ts';
import { Unknown, type ValueMap } from '../language/values.ts';
import { bindTask, expandHomes } from './bind.ts';
import { type Directive, type Module, NotYet, type Wish } from './contracts.ts';
import { dress, nameOf, nowhere, type Plan, type Site, skipped, waits, wrong } from './dress.ts';
import { conditions } from './frame.ts';
import type { Instance } from './instance.ts';
import { predict } from './predict.ts';
import { type Settings, settings } from './settings.ts';
import type { State } from './state.ts';
import { Mistaken, Unreadable } from './unreadable.ts';
import { taskScope } from './variables.ts';
import { createView, guarded, type TaskView } from './view.ts';
import { ask, hiddenKey, stateOf, type Walk } from './walk_context.ts';

/** Plans one task, one item of its loop: whether it runs, what it looks at, what it wants. */
export function planInstance(walk: Walk, site: Site): Instance {
  const scope = taskScope(walk, site.frame, site.own);
  const name = nameOf(site, scope);
  const gate = evaluateAll(conditions(site.frame.chain), scope);
  if (!gate.ok) return dress(walk, site, name, nowhere(walk, site), wrong(gate.diagnostics));
  if (gate.value === false) return dress(walk, site, name, nowhere(walk, site), skipped());
  const how = settings(walk, site.task, site.frame, scope);
  if (!how.ok) return dress(walk, site, name, nowhere(walk, site), wrong(how.diagnostics));
  if (how.value instanceof Unknown) return dress(walk, site, name, nowhere(walk, site), waits(how.value));
  const { value: set } = how;
  if (gate.value instanceof Unknown && gate.value.look) return dress(walk, site, name, set, waits(gate.value));
  const waiting = [...site.waitsFor, ...(gate.value instanceof Unknown ? [gate.value.waitsFor] : [])];
  const plan = planModule(walk, site, scope, name, set, waiting);
  return dress(walk, site, name, set, plan);
}

function planModule(
  walk: Walk,
  site: Site,
  scope: Scope,
  name: string,
  set: Settings,
  waiting: readonly string[],
): Plan {
  const { module, task, frame } = site;
  const bound = bindTask(task, module, frame, scope);
  if (!bound.ok) return wrong(bound.diagnostics);
  const state = stateOf(walk, set.target.host);
  const eyes = createView(walk, set.target, state, scope, site.dirs, set.environment);
  try {
    if (module.kind === 'directive') return direct(module as Directive<ValueMap>, bound.value, eyes, waiting);
    const expanded = expandHomes(module, bound.value, eyes.view, (ref) => ask(walk, set.target, ref));
    if (!expanded.ok) return wrong(placed(expanded.diagnostics, task.moduleSpan));
    const params = guarded(expanded.value);
    if (look(walk, set, module as Module<ValueMap>, params, eyes)) return waits({ waitsFor: 'a look', look: true });
    const retell = (observed: State): ValueMap => {
      const after = createView(walk, set.target, observed, scope, site.dirs, set.environment);
      return (module as Module<ValueMap>).wants(params, after.view).result ?? {};
    };
    return wished(
      walk,
      site,
      scope,
      name,
      set,
      (module as Module<ValueMap>).wants(params, eyes.view),
      eyes,
      waiting,
      retell,
    );
  } catch (thrown) {
    if (thrown instanceof NotYet) return waits(thrown);
    if (thrown instanceof Mistaken) return wrong(placed(thrown.diagnostics, task.moduleSpan));
    if (thrown instanceof Unreadable) return impossible(thrown.message, [...waiting, ...eyes.doubts]);
    throw thrown;
  }
}

function placed(diagnostics: readonly Diagnostic[], span: Span): readonly Diagnostic[] {
  return diagnostics.map((each) => ({ ...each, span: each.span ?? span }));
}

/** It cannot be done: for certain, or as things are before others have been done. */
function impossible(message: string, unsure: readonly string[]): Plan {
  if (unsure.length === 0) return { status: 'fail', message };
  return { status: 'provisional', waitsFor: unsure, open: true, message: `as things are: ${message}` };
}

/** Asks for all that the module looks at; true where something of it has not been seen. */
function look(walk: Walk, set: Settings, module: Module<ValueMap>, params: ValueMap, eyes: TaskView): boolean {
  const state = stateOf(walk, set.target.host);
  let unseen = false;
  for (const ref of module.looksAt(params, eyes.view)) {
    if (set.noLog) walk.surroundings.hidden.add(hiddenKey(set.target.host, ref));
    if (state.peek(ref, eyes.view.user) !== undefined) continue;
    ask(walk, set.target, ref);
    unseen = true;
  }
  return unseen;
}

function direct(directive: Directive<ValueMap>, params: ValueMap, eyes: TaskView, waiting: readonly string[]): Plan {
  const outcome = directive.run(directive.acceptsUnknown ? params : guarded(params), eyes.view);
  const { message, result, failed, variables, meta, include } = outcome;
  if (outcome.unknown !== undefined) return waits(outcome.unknown);
  if (failed !== undefined && waiting.length === 0)
    return { status: 'fail', message: failed, ...(result && { result }) };
  return {
    status: waiting.length > 0 ? 'provisional' : 'ok',
    waitsFor: waiting,
    open: true,
    message: failed ?? message,
    result: { changed: false, ...result },
    outcome: { variables, meta, include },
  };
}

/** Turns a wish into changes and actions, and predicts the world after them. */
function wished(
  walk: Walk,
  site: Site,
  scope: Scope,
  name: string,
  set: Settings,
  wish: Wish,
  eyes: TaskView,
  waiting: readonly string[],
  retell: (observed: State) => ValueMap,
): Plan {
  const unsure = new Set([...waiting, ...eyes.doubts]);
  if (wish.failed !== undefined) {
    return { ...impossible(wish.failed.message, [...unsure]), result: { ...wish.result }, warnings: wish.warnings };
  }
  const quiet = readOnly(site.task, scope);
  const steps = predict(walk, name, set, wish, unsure, quiet, eyes.view.user);
  const acts = steps.some((step) => step.kind === 'action');
  const changes = steps.some((step) => step.kind === 'change' || (step.changed !== false && !quiet));
  return {
    status: unsure.size > 0 ? 'provisional' : changes ? 'change' : 'ok',
    steps,
    waitsFor: unsure,
    warnings: wish.warnings,
    finding: wish.finding,
    facts: wish.facts,
    changed: changes,
    result: acts ? new Unknown(name) : { ...wish.result, changed: changes },
    told: wish.result ?? {},
    retell,
  };
}

/** `changed_when: false`: the user's word that it only reads. */
function readOnly(task: TaskSyntax, scope: Scope): boolean {
  if (task.changedWhen === undefined) return false;
  const says = evaluateAll(task.changedWhen, scope);
  return says.ok && says.value === false;
}
