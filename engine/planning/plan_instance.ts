import type { Diagnostic } from '../language/diagnostics.ts';
import { evaluateAll, renderTemplated } from '../language/render.ts';
import type { TaskSyntax } from '../language/syntax.ts';
import type { Scope } from '../language/templated.ts';
import { findUnknown, Unknown, type Value, type ValueMap } from '../language/values.ts';
import { LOGIN } from '../transport/connection.ts';
import { bindTask, expandHomes, spanAt } from './bind.ts';
import {
  type AnyModule,
  type Change,
  type Directive,
  keyOf,
  type Module,
  NotYet,
  type SetStep,
  type Wish,
} from './contracts.ts';
import { conditions, type Frame } from './frame.ts';
import type { Recorded } from './history.ts';
import type { Instance, Verdict } from './instance.ts';
import type { PlannedStep, TaskStatus } from './plan.ts';
import { type Settings, settings } from './settings.ts';
import { type Known, type State, sameValue } from './state.ts';
import { taskScope } from './variables.ts';
import { createView, guarded, type TaskView, Unreadable } from './view.ts';
import { ask, stateOf, type Walk } from './walk_context.ts';

/** One task, one item of its loop, on one host. */
export interface Site {
  readonly task: TaskSyntax;
  readonly module: AnyModule;
  readonly frame: Frame;
  readonly id: string;
  readonly handler: boolean;
  /** Loop variables. */
  readonly own: ValueMap;
  readonly item: string | undefined;
  /** Tasks that decide whether this one runs at all: a handler's notifiers that are themselves provisional. */
  readonly waitsFor: readonly string[];
  /** Where relative files are looked for. */
  readonly dirs: readonly string[];
}

/** What came of the planning of an instance, before it is dressed as one. */
interface Plan {
  readonly status: TaskStatus | 'pending';
  readonly steps?: readonly PlannedStep[];
  readonly waitsFor?: Iterable<string>;
  readonly message?: string | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly result?: ValueMap | Unknown;
  readonly changed?: boolean;
  readonly facts?: ValueMap | Unknown | undefined;
  readonly outcome?: Partial<Recorded>;
  readonly diagnostics?: readonly Diagnostic[];
  /** Nothing can be said of what it would do. */
  readonly open?: boolean;
  readonly told?: ValueMap;
  readonly retell?: (observed: State) => ValueMap;
}

const NO_SETTINGS: Omit<Settings, 'target'> = {
  noLog: false,
  ignoreErrors: false,
  anyErrorsFatal: false,
  runOnce: false,
  checkMode: undefined,
  timeoutMs: undefined,
  until: undefined,
  environment: {},
};

export function planInstance(walk: Walk, site: Site): Instance {
  const scope = taskScope(walk, site.frame, site.own);
  const name = nameOf(site, scope);
  const gate = evaluateAll(conditions(site.frame.chain), scope);
  if (!gate.ok) return dress(walk, site, name, nowhere(walk), wrong(gate.diagnostics));
  if (gate.value === false) return dress(walk, site, name, nowhere(walk), skipped());
  const how = settings(walk, site.task, site.frame, scope);
  if (!how.ok) return dress(walk, site, name, nowhere(walk), wrong(how.diagnostics));
  if (how.value instanceof Unknown) return dress(walk, site, name, nowhere(walk), waits(how.value));
  const { value: set } = how;
  if (gate.value instanceof Unknown && gate.value.look) return dress(walk, site, name, set, waits(gate.value));
  const waiting = [...site.waitsFor, ...(gate.value instanceof Unknown ? [gate.value.waitsFor] : [])];
  const plan = planModule(walk, site, scope, name, set, waiting);
  return dress(walk, site, name, set, plan);
}

function nowhere(walk: Walk): Settings {
  return {
    ...NO_SETTINGS,
    target: { host: walk.host, connection: undefined, remoteUser: undefined, identity: LOGIN },
  };
}

function nameOf(site: Site, scope: Scope): string {
  if (site.task.name === undefined) return site.module.name;
  const rendered = renderTemplated(site.task.name, scope);
  if (rendered.ok && findUnknown(rendered.value) === undefined) return String(rendered.value);
  return site.task.name.kind === 'template' ? site.task.name.text : site.module.name;
}

function wrong(diagnostics: readonly Diagnostic[]): Plan {
  return { status: 'fail', message: diagnostics.map((d) => d.message).join('; '), diagnostics };
}

function skipped(): Plan {
  return { status: 'skip', message: 'the condition is false', result: SKIPPED };
}

const SKIPPED: ValueMap = { changed: false, skipped: true, skip_reason: 'Conditional result was False' };

function waits(unknown: { readonly waitsFor: string; readonly look: boolean }): Plan {
  return { status: unknown.look ? 'pending' : 'provisional', waitsFor: [unknown.waitsFor], open: true };
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
    if (!expanded.ok) return wrong(expanded.diagnostics.map((d) => ({ ...d, span: d.span ?? task.moduleSpan })));
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
    if (thrown instanceof Unreadable) return impossible(thrown.message, [...waiting, ...eyes.doubts]);
    throw thrown;
  }
}

/** It cannot be done: for certain, or as things are before others have been done. */
function impossible(message: string, unsure: readonly string[]): Plan {
  if (unsure.length === 0) return { status: 'fail', message };
  return { status: 'provisional', waitsFor: unsure, message: `as things are: ${message}` };
}

/** Asks for all that the module looks at; true where something of it has not been seen. */
function look(walk: Walk, set: Settings, module: Module<ValueMap>, params: ValueMap, eyes: TaskView): boolean {
  const state = stateOf(walk, set.target.host);
  let unseen = false;
  for (const ref of module.looksAt(params, eyes.view)) {
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

function predict(
  walk: Walk,
  name: string,
  set: Settings,
  wish: Wish,
  unsure: Set<string>,
  quiet: boolean,
  user: string,
): readonly PlannedStep[] {
  const state = stateOf(walk, set.target.host);
  const dry = set.checkMode === true;
  const steps: PlannedStep[] = [];
  // What was in doubt before it began: a task does not wait for its own steps.
  for (const step of wish.steps) {
    const known = step.kind === 'set' ? state.peek(step.ref, user) : undefined;
    if (known?.kind === 'value') for (const doubt of known.doubts) unsure.add(doubt);
  }
  for (const step of wish.steps) {
    if (step.kind === 'action') {
      steps.push(step);
      if (quiet || dry || step.disturbs === 'nothing') continue;
      state.disturb(step.disturbs === 'everything' ? () => true : step.disturbs, name);
      continue;
    }
    const change = changeFor(state.peek(step.ref, user), step);
    if (change === undefined) continue;
    steps.push({ kind: 'change', change });
    if (!dry) state.predict(change, name, [...unsure]);
  }
  return steps;
}

/** The change a step comes to; undefined where the resource is so already. */
function changeFor(known: Known | undefined, step: SetStep): Change | undefined {
  if (known === undefined) throw new Error(`${keyOf(step.ref)} is set and was never looked at`);
  if (known.kind === 'unreadable') throw new Unreadable(known.error);
  const { value: before } = known;
  if (before === null ? step.to === null : step.to !== null && sameValue(step.ref, before, step.to)) return undefined;
  return { ref: step.ref, before, after: step.to, options: step.options };
}

function dress(walk: Walk, site: Site, name: string, set: Settings, plan: Plan): Instance {
  const { task, frame } = site;
  const pending = plan.status === 'pending';
  const caught = set.ignoreErrors ? 'ignored' : frame.rescued ? 'rescued' : undefined;
  const waitsFor = [...new Set(plan.waitsFor ?? [])];
  const unknown = new Unknown(pending ? (waitsFor[0] ?? name) : name, pending);
  const settled = plan.status === 'skip' || plan.status === 'fail' || plan.status === 'ok' || plan.status === 'change';
  const base = settled ? (plan.result ?? { changed: plan.changed === true }) : unknown;
  const judge = judgeWith(walk, site);
  const failure = plan.status === 'fail' ? plan.message : undefined;
  const raw: ValueMap | Unknown =
    base instanceof Unknown || failure === undefined ? base : { ...base, failed: true, msg: failure };
  const verdict =
    raw instanceof Unknown || plan.status === 'skip' ? undefined : judge(raw, plan.changed === true, failure);
  const status = settle(pending ? 'provisional' : (plan.status as TaskStatus), verdict, plan);
  return {
    id: site.id,
    host: walk.host,
    ...(set.target.host === walk.host ? {} : { delegate: set.target.host }),
    play: walk.playName,
    name,
    module: site.module.name,
    handler: site.handler,
    ...(site.item === undefined ? {} : { item: site.item }),
    identity: set.target.identity,
    status,
    steps: plan.steps ?? [],
    waitsFor: status === 'provisional' ? waitsFor : [],
    caught,
    open: status === 'provisional' && plan.open === true && touchesHosts(site.module),
    ...(messageOf(plan, verdict) === undefined ? {} : { message: messageOf(plan, verdict) as string }),
    warnings: plan.warnings ?? [],
    noLog: set.noLog,
    result: raw instanceof Unknown ? {} : raw,
    span: plan.diagnostics?.[0]?.span ?? spanAt(task, []),
    syntax: task,
    target: set.target,
    pending,
    predicted: {
      outcome:
        status === 'fail'
          ? (caught ?? 'failed')
          : status === 'skip'
            ? 'skipped'
            : (verdict?.changed ?? plan.changed === true)
              ? 'changed'
              : 'ok',
      result:
        raw instanceof Unknown
          ? raw
          : { failed: status === 'fail', ...raw, ...(verdict ? { changed: verdict.changed } : {}) },
      changed: verdict?.changed ?? (status === 'provisional' || plan.changed === true),
      facts: plan.facts instanceof Unknown ? undefined : plan.facts,
      ...plan.outcome,
    },
    told: plan.told ?? {},
    retell: plan.retell,
    judge,
    until: set.until,
    anyErrorsFatal: set.anyErrorsFatal,
    runOnce: set.runOnce,
    checkMode: set.checkMode,
    timeoutMs: set.timeoutMs,
    environment: set.environment,
    doubted: waitsFor.length > 0 && !pending,
    diagnostics: plan.diagnostics ?? [],
  };

  function settle(planned: TaskStatus, judged: Verdict | undefined, from: Plan): TaskStatus {
    if (judged === undefined || planned === 'provisional' || planned === 'skip') return planned;
    if (judged.failed !== undefined) return 'fail';
    if (planned === 'fail') return 'ok';
    return judged.changed && (from.steps?.length ?? 0) > 0
      ? 'change'
      : planned === 'change' && !judged.changed
        ? 'ok'
        : planned;
  }
}

/** Assertions, messages and facts of the controller's own change no host; what they include or end may. */
function touchesHosts(module: AnyModule): boolean {
  return module.kind === 'module' || module.name === 'include_tasks' || module.name === 'meta';
}

/** An instance that cannot be planned before something else has happened. */
export function waitingInstance(walk: Walk, site: Site, unknown: Unknown): Instance {
  return unplanned(walk, site, waits(unknown));
}

/** An instance whose loop, include or notification is wrong. */
export function wrongInstance(walk: Walk, site: Site, diagnostics: readonly Diagnostic[]): Instance {
  return unplanned(walk, site, wrong(diagnostics));
}

function unplanned(walk: Walk, site: Site, plan: Plan): Instance {
  const scope = taskScope(walk, site.frame, site.own);
  return dress(walk, site, nameOf(site, scope), nowhere(walk), plan);
}

function messageOf(plan: Plan, verdict: Verdict | undefined): string | undefined {
  return verdict?.failed ?? plan.message;
}

/** `changed_when`, `failed_when` and `until` see the task's own result under its `register` name. */
function judgeWith(walk: Walk, site: Site): Instance['judge'] {
  const { task } = site;
  return (result, changed, failed): Verdict => {
    if (task.changedWhen === undefined && task.failedWhen === undefined && task.until === undefined) {
      return { changed, failed, again: false };
    }
    const own =
      task.register === undefined
        ? site.own
        : { ...site.own, [task.register]: { failed: failed !== undefined, ...result, changed } as Value };
    const scope = taskScope(walk, site.frame, own);
    const says = (list: TaskSyntax['changedWhen'], otherwise: boolean): boolean | string => {
      if (list === undefined) return otherwise;
      const value = evaluateAll(list, scope);
      if (!value.ok) return value.diagnostics.map((d) => d.message).join('; ');
      return value.value instanceof Unknown ? otherwise : value.value;
    };
    const changedNow = says(task.changedWhen, changed);
    const failedNow = says(task.failedWhen, failed !== undefined);
    const done = says(task.until, true);
    const problem = [changedNow, failedNow, done].find((answer) => typeof answer === 'string');
    if (typeof problem === 'string') return { changed, failed: problem, again: false };
    return {
      changed: changedNow === true,
      failed: failedNow === true ? (failed ?? '`failed_when` holds') : undefined,
      again: done === false,
    };
  };
}
